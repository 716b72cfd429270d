// The books: every leaf against all those before it (the rules "What the books must keep").

const asDay = (ms) => new Date(ms).toISOString().slice(0, 10);

// Sums over the leaves so far; believes every leaf, the rules are the business of Books.
class Totals {
  constructor() {
    this.accounts = new Map();
    this.holds = new Map();
    this.lastOn = "1970-01-01";
    this.lastOnLeaf = 0;
    this.entries = 0;
  }

  add(leaf) {
    if (leaf.type === "entry") {
      this.entries += 1;
      if (leaf.kind === "settlement") this.endHold(leaf);
      for (const [giver, receiver, minutes] of leaf.movements) {
        this.changed(giver, leaf).posted -= minutes;
        this.changed(receiver, leaf).posted += minutes;
      }
      this.reach(leaf, leaf.on);
      this.reach(leaf, asDay(leaf.recordedMs));
    } else if (leaf.type === "account") {
      // Opened twice keeps the sums; the second opening is a finding, not a new account.
      if (!this.accounts.has(leaf.id)) {
        const { accountKind: kind, floor, ceiling } = leaf;
        const lastLeaf = leaf.index;
        this.accounts.set(leaf.id, { kind, floor, ceiling, posted: 0, held: 0, lastLeaf });
      }
      this.reach(leaf, asDay(leaf.recordedMs));
    } else if (leaf.type === "hold") {
      this.holds.set(leaf.id, leaf);
      this.changed(leaf.payer, leaf).held += leaf.minutes;
    } else if (leaf.type === "release" || leaf.type === "expiry") {
      this.endHold(leaf);
    }
  }

  // The sums that a leaf is about to change, made up where no leaf opened the account.
  changed(id, leaf) {
    if (!this.accounts.has(id)) {
      const unknown = { kind: "unknown", floor: null, ceiling: null, posted: 0, held: 0 };
      this.accounts.set(id, unknown);
    }
    const total = this.accounts.get(id);
    total.lastLeaf = leaf.index;
    return total;
  }

  sorted() {
    return [...this.accounts].sort(([left], [right]) => (left < right ? -1 : 1));
  }

  endHold(leaf) {
    const hold = this.holds.get(leaf.of);
    if (hold && this.holds.delete(leaf.of)) {
      this.changed(hold.payer, leaf).held -= hold.minutes;
    }
  }

  reach(leaf, day) {
    if (day > this.lastOn) [this.lastOn, this.lastOnLeaf] = [day, leaf.index];
  }
}

class Books {
  constructor(say) {
    this.say = say;
    this.totals = new Totals();
    this.policies = new Set();
    this.firstPolicy = "";
    this.originals = new Map();
    this.reversed = new Set();
    this.recordedMs = 0;
    this.ids = new Set();
    this.repeated = [];
  }

  check(leaf) {
    if (leaf.recordedMs < this.recordedMs) {
      this.say(leaf.index, "recorded_order", "recorded before the leaf before it");
    }
    this.recordedMs = Math.max(this.recordedMs, leaf.recordedMs);
    if (leaf.type === "entry") {
      this.entry(leaf);
      return;
    }
    if ((leaf.type === "genesis") !== (leaf.index === 0)) {
      this.say(leaf.index, "genesis", "leaf 0 and no other is the genesis leaf");
    }
    if (leaf.type === "genesis") this.firstPolicy = leaf.policy;
    if (leaf.type === "account" && this.totals.accounts.has(leaf.id)) {
      this.say(leaf.index, "account_repeated", leaf.id);
    } else if (leaf.type === "hold") {
      this.hold(leaf);
      return;
    } else if (leaf.type === "release" || leaf.type === "expiry") {
      const hold = this.openHold(leaf);
      if (hold && leaf.type === "expiry" && leaf.recordedMs < hold.expiresMs) {
        this.say(leaf.index, "hold_deadline", "expired before its deadline");
      }
    } else if (leaf.type === "policy") {
      if (this.policies.size === 0 && leaf.policy !== this.firstPolicy) {
        const evidence = `leaf 0 announces ${this.firstPolicy}, not ${leaf.policy}`;
        this.say(leaf.index, "genesis", evidence);
      }
      this.policies.add(leaf.policy);
    }
    this.totals.add(leaf);
  }

  // Repeated ids are told at the end, as the command-line verifier does.
  finish() {
    for (const [index, id] of this.repeated) this.say(index, "id_repeated", id);
  }

  entry(leaf) {
    this.remember(leaf);
    const expected = this.totals.entries + 1;
    if (leaf.number !== expected) {
      this.say(leaf.index, "number_gap", `number ${leaf.number}, expected ${expected}`);
      this.totals.entries = leaf.number - 1;
    }
    if (!this.policies.has(leaf.policy)) this.say(leaf.index, "policy_unknown", leaf.policy);
    const touched = [...new Set(leaf.movements.flatMap((move) => move.slice(0, 2)))];
    this.known(leaf, touched);
    if (leaf.kind === "settlement") this.settlement(leaf);
    else if (leaf.kind === "reversal") this.reversal(leaf);
    if (!this.originals.has(leaf.id)) this.originals.set(leaf.id, leaf);
    this.totals.add(leaf);
    this.limits(leaf, touched);
  }

  hold(leaf) {
    this.remember(leaf);
    if (this.totals.holds.has(leaf.id)) {
      this.say(leaf.index, "hold_repeated", leaf.id);
      return;
    }
    if (leaf.expiresMs <= leaf.recordedMs) {
      this.say(leaf.index, "hold_deadline", "placed at or after its own deadline");
    }
    this.known(leaf, [leaf.payer, leaf.payee]);
    this.totals.add(leaf);
    this.limits(leaf, [leaf.payer]);
  }

  settlement(leaf) {
    const hold = this.openHold(leaf);
    if (!hold) return;
    if (leaf.recordedMs >= hold.expiresMs) {
      this.say(leaf.index, "hold_deadline", "settled at or after its deadline");
    }
    const { payer, payee } = hold;
    if (!leaf.movements.some(([giver, receiver]) => giver === payer && receiver === payee)) {
      this.say(leaf.index, "hold_parties", "nothing moves from the hold's payer to its payee");
    }
    // Other movements may pay a difference from elsewhere; the payer gives no more than held.
    const paid = leaf.movements.reduce((sum, move) => sum + (move[0] === payer ? move[2] : 0), 0);
    if (paid > hold.minutes) {
      this.say(leaf.index, "hold_exceeded", `${paid} of ${hold.minutes} minutes held`);
    }
  }

  openHold(leaf) {
    const hold = this.totals.holds.get(leaf.of);
    if (!hold) {
      this.say(leaf.index, "hold_not_open", `${leaf.of} was never placed or has ended`);
    }
    return hold;
  }

  reversal(leaf) {
    const original = this.originals.get(leaf.of);
    if (!original) {
      this.say(leaf.index, "reversal_unknown", `no entry ${leaf.of} before`);
      return;
    }
    if (this.reversed.has(leaf.of)) this.say(leaf.index, "reversal_repeated", leaf.of);
    this.reversed.add(leaf.of);
    if (original.kind === "reversal") this.say(leaf.index, "reversal_of_reversal", leaf.of);
    const back = [...original.movements].reverse().map(([from, to, minutes]) => [to, from, minutes]);
    if (JSON.stringify(back) !== JSON.stringify(leaf.movements)) {
      this.say(leaf.index, "reversal_differs", `not the exact inverse of ${leaf.of}`);
    }
  }

  known(leaf, ids) {
    for (const id of ids) {
      if (!this.totals.accounts.has(id)) this.say(leaf.index, "account_unknown", id);
    }
  }

  limits(leaf, ids) {
    for (const id of ids) {
      const { posted, held, floor, ceiling } = this.totals.accounts.get(id);
      if (floor !== null && posted - held < floor) {
        this.say(leaf.index, "floor", `${id} has ${posted - held} available, floor ${floor}`);
      }
      if (ceiling !== null && posted > ceiling) {
        this.say(leaf.index, "ceiling", `${id} has ${posted}, ceiling ${ceiling}`);
      }
    }
  }

  remember(leaf) {
    if (this.ids.has(leaf.id)) this.repeated.push([leaf.index, leaf.id]);
    this.ids.add(leaf.id);
  }
}
