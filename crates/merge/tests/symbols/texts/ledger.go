// Package ledger keeps postings.
package ledger

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"example.org/money/amount"
	clock "example.org/time"
)

// Most postings of one entry.
const Most = 64

const (
	Debit Kind = iota
	Credit
)

var ErrEmpty = errors.New("empty")

// Kind of a posting.
type Kind int

// Posting is one line.
type Posting struct {
	Account string `json:"account"`
	Amount  int64  `json:"amount"`
	At      clock.Time
}

// Reader gives entries.
type Reader interface {
	Read() ([]Posting, error)
	Close() error
}

// Ledger has all entries.
type Ledger struct {
	entries [][]Posting
	closed  map[string]bool
	totals  map[string]int64
}

// New makes an empty one.
func New() *Ledger {
	return &Ledger{
		closed: map[string]bool{},
		totals: map[string]int64{},
	}
}

// Close closes an account.
func (l *Ledger) Close(account string) {
	l.closed[account] = true
}

// Post adds an entry.
func (l *Ledger) Post(entry []Posting) (int, error) {
	if len(entry) == 0 {
		return 0, ErrEmpty
	}
	var by int64
	for _, posting := range entry {
		by += posting.Amount
	}
	if by != 0 {
		return 0, fmt.Errorf("unbalanced by %d", by)
	}
	for _, posting := range entry {
		if l.closed[posting.Account] {
			return 0, fmt.Errorf("%s is closed", posting.Account)
		}
	}
	for _, posting := range entry {
		l.totals[posting.Account] += posting.Amount
	}
	l.entries = append(l.entries, entry)
	return len(l.entries), nil
}

// Total of an account.
func (l *Ledger) Total(account string) amount.Amount {
	return amount.Of(l.totals[account])
}

func (k Kind) String() string {
	switch k {
	case Debit:
		return "debit"
	case Credit:
		return "credit"
	default:
		return "none"
	}
}

func describe(l *Ledger) string {
	names := make([]string, 0, len(l.totals))
	for name := range l.totals {
		names = append(names, name)
	}
	sort.Strings(names)
	var text strings.Builder
	for _, name := range names {
		fmt.Fprintf(&text, "%s: %d\n", name, l.totals[name])
	}
	return text.String()
}
