/* Licence. */
package org.example.ledger;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import static java.util.Objects.requireNonNull;

import org.example.money.Amount;

/**
 * A ledger of postings.
 */
@Component
public class Ledger implements Iterable<Entry> {
    public static final int MOST = 64;
    private static final String NAME = "ledger";

    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, Long> totals = new HashMap<>();
    private String name;

    public enum State {
        OPEN,
        CLOSED,
        LOCKED
    }

    /** An empty ledger. */
    public Ledger() {
        this(NAME);
    }

    public Ledger(String name) {
        this.name = requireNonNull(name);
    }

    /**
     * Adds an entry.
     *
     * @return how many there are
     */
    @Override
    @Transactional
    public int post(Entry entry) throws RefusedException {
        if (entry.isEmpty()) {
            throw new RefusedException("empty");
        }
        long by = 0;
        for (Posting posting : entry) {
            by += posting.amount();
        }
        if (by != 0) {
            throw new RefusedException("unbalanced by " + by);
        }
        for (Posting posting : entry) {
            totals.merge(posting.account(), posting.amount(), Long::sum);
        }
        entries.add(entry);
        return entries.size();
    }

    public Amount total(String account) {
        return Amount.of(totals.getOrDefault(account, 0L));
    }

    public String kind(Posting posting) {
        switch (Long.signum(posting.amount())) {
            case 1:
                return "debit";
            case -1:
                return "credit";
            default:
                return "none";
        }
    }

    @Override
    public Iterator<Entry> iterator() {
        return entries.iterator();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, Long> total : totals.entrySet()) {
            text.append(total.getKey());
            text.append(": ");
            text.append(total.getValue());
            text.append('\n');
        }
        return text.toString();
    }

    private static class Totals {
        long debit;
        long credit;

        long balance() {
            return debit - credit;
        }
    }
}
