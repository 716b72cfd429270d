// Closed periods: every figure and root that a closing states, derived again from the leaves.

const nameAfter = (name) => {
  const [year, month] = name.split("-").map(Number);
  return month === 12 ? `${year + 1}-01` : `${year}-${String(month + 1).padStart(2, "0")}`;
};

const beginsMs = (name) => Date.UTC(Number(name.slice(0, 4)), Number(name.slice(5)) - 1, 1);

// Whether some time zone, UTC-12 to UTC+14, has the month begin there.
const maybeBegins = (name, ms) =>
  ms >= beginsMs(name) - 14 * 3600000 && ms <= beginsMs(name) + 12 * 3600000;

// RFC 6962 root over the canonical JSON of each account's id, held and posted minutes, by id.
function balancesRoot(totals) {
  return rootOf(totals.sorted().map(([account, { held, posted }]) =>
    leafHash(bytesOf(canonical({ account, held, posted })))));
}

class Periods {
  constructor(say) {
    this.say = say;
    this.due = [];
    this.derived = new Map();
    this.last = null;
    this.genesisMs = 0;
    this.begin();
  }

  // `closings` are those that a first look at the log found.
  expect(closings) {
    const byName = new Map();
    for (const { period, until } of closings) {
      if (!byName.has(period)) byName.set(period, { period, until });
    }
    this.due = [...byName.values()].sort((left, right) => left.until - right.until);
  }

  begin() {
    this.sums = { first: null, last: null, entries: 0, late: 0, minutes: 0 };
    this.moved = new Map();
  }

  // Call it before the leaf is taken into the totals.
  before(leaf, totals) {
    if (leaf.index === 0) this.genesisMs = leaf.recordedMs;
    while (this.due.length && this.due[0].until <= leaf.recordedMs) {
      this.derived.set(this.due.shift().period, this.figures(totals));
      this.begin();
    }
  }

  // Call it after the leaf was taken into the totals; `signed` is the body of its submission.
  after(leaf, signed, totals) {
    if (this.last !== null && leaf.recordedMs < this.last.until) {
      this.say(leaf.index, "period_closed", `recorded within ${this.last.period}, which is closed`);
    }
    if (leaf.type === "closing") this.closing(leaf, signed);
    else if (this.due.length && leaf.type === "entry") this.entry(leaf, totals);
  }

  entry(leaf, totals) {
    const { sums } = this;
    sums.entries += 1;
    sums.late += Number(leaf.on < `${this.due[0].period}-01`);
    if (sums.first === null) sums.first = leaf.number;
    sums.last = leaf.number;
    for (const [giver, receiver, minutes] of leaf.movements) {
      sums.minutes += minutes;
      this.movedOf(totals.accounts.get(giver).kind).out += minutes;
      this.movedOf(totals.accounts.get(receiver).kind).in += minutes;
    }
  }

  movedOf(kind) {
    if (!this.moved.has(kind)) this.moved.set(kind, { in: 0, out: 0 });
    return this.moved.get(kind);
  }

  figures(totals) {
    const posted = new Map();
    for (const account of totals.accounts.values()) {
      posted.set(account.kind, (posted.get(account.kind) || 0) + account.posted);
    }
    const kinds = [...posted.keys()].sort().map((kind) => {
      const moved = this.movedOf(kind);
      const closing = posted.get(kind);
      return { kind, opening: closing - moved.in + moved.out, ...moved, closing };
    });
    const balances = hexOf(balancesRoot(totals));
    return { ...this.sums, accounts: totals.accounts.size, balances, kinds };
  }

  follows({ period, from, until }) {
    if (this.last === null) return from <= this.genesisMs && this.genesisMs < until;
    return period === nameAfter(this.last.period) && from === this.last.until;
  }

  closing(leaf, signed) {
    const { stated, index } = leaf;
    const { period, until } = stated;
    const repeated = signed !== null && has(signed, "closing") ? signed.closing : null;
    if (canonical(repeated) !== canonical(stated)) {
      this.say(index, "closing_unsigned", "its submission does not state the same");
    }
    const inTurn = this.follows(stated);
    if (!inTurn) {
      const before = this.last === null ? "the genesis leaf" : this.last.period;
      this.say(index, "closing_order", `${period} does not follow ${before}`);
    }
    if (leaf.recordedMs < until) this.say(index, "closing_early", `${period} is not over`);
    else if (inTurn) {
      for (const [name, value] of Object.entries(this.derived.get(period))) {
        if (canonical(value) === canonical(stated[name])) continue;
        const evidence = `${name} is ${canonical(value)}, not ${canonical(stated[name])}`;
        this.say(index, "closing_differs", evidence.slice(0, 1000));
      }
    }
    if (this.last === null || until > this.last.until) this.last = { period, until };
  }
}
