/* A ledger of postings. */
import { readFile, writeFile } from "fs/promises";
import path from "path";
import type { Clock } from "./clock";
import {
  Account,
  Amount,
} from "./money";

export const MOST = 64;
const kinds = {
  debit: 1,
  credit: -1,
};

/** One posting. */
export interface Posting {
  account: string;
  amount: number;
  at?: Date;
}

export type Entry = Posting[];

export enum State {
  Open = "open",
  Closed = "closed",
}

/** Why an entry is refused. */
export class Refused extends Error {
  constructor(readonly why: string) {
    super(why);
  }
}

@Injectable()
export class Ledger {
  private entries: Entry[] = [];
  private closed = new Set<string>();
  readonly totals = new Map<string, number>();

  constructor(private readonly clock: Clock, name = "ledger") {
    this.name = name;
  }

  get size(): number {
    return this.entries.length;
  }

  /** Closes an account. */
  close(account: string): void {
    this.closed.add(account);
  }

  post(entry: Entry): number {
    if (entry.length === 0) {
      throw new Refused("empty");
    }
    let by = 0;
    for (const posting of entry) {
      by += posting.amount;
    }
    if (by !== 0) {
      throw new Refused(`unbalanced by ${by}`);
    }
    for (const posting of entry) {
      const before = this.totals.get(posting.account) ?? 0;
      this.totals.set(posting.account, before + posting.amount);
    }
    this.entries.push(entry);
    return this.entries.length;
  }

  async load(file: string): Promise<void> {
    const text = await readFile(path.resolve(file), "utf8");
    for (const entry of JSON.parse(text)) {
      this.post(entry);
    }
  }
}

export function describe(ledger: Ledger): string {
  const lines: string[] = [];
  ledger.totals.forEach((total, account) => {
    lines.push(`${account}: ${total}`);
  });
  return lines.join("\n");
}

export const save = async (ledger: Ledger, file: string) => {
  await writeFile(file, describe(ledger));
};

describe("a ledger", () => {
  it("takes balanced entries", () => {
    const ledger = new Ledger(new Clock());
    expect(ledger.post([{ account: "a", amount: 0 }])).toBe(1);
  });

  it("refuses empty ones", () => {
    expect(() => new Ledger(new Clock()).post([])).toThrow();
  });
});
