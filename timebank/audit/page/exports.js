// The readable files: each is written again from the leaves and compared byte by byte.  The tail
// comes in pieces, each behind the leaf that shows it.

const cell = (limit) => (limit === null ? "" : String(limit));
const capital = (word) => (word.charAt(0).toUpperCase() + word.slice(1)).replace(/_/g, "-");
const beancountName = (kind, id) => `Equity:${capital(kind)}:${capital(id)}`;

const EXPORTS = [
  {
    name: "journal.csv",
    head: () =>
      "number,entry_id,leaf_index,kind,effective_on,recorded_at,place," +
      "from_account,to_account,minutes,policy,of\n",
    lines(leaf) {
      if (leaf.type !== "entry") return "";
      const at = new Date(leaf.recordedMs).toISOString();
      const before = `${leaf.number},${leaf.id},${leaf.index},${leaf.kind},${leaf.on},${at},`;
      const row = ([giver, receiver, minutes], place) =>
        `${before}${place},${giver},${receiver},${minutes},${leaf.policy},${leaf.of || ""}\n`;
      return leaf.movements.map(row).join("");
    },
    tail: () => [],
  },
  {
    name: "accounts.csv",
    head: () => "account_id,kind,floor,ceiling,posted,held\n",
    lines: () => "",
    tail(totals) {
      return totals.sorted().map(([id, { kind, floor, ceiling, posted, held, lastLeaf }]) =>
        [lastLeaf, `${id},${kind},${cell(floor)},${cell(ceiling)},${posted},${held}\n`]);
    },
  },
  {
    name: "journal.hledger",
    head: (origin) => `; ${origin}\ncommodity 1000. min\n`,
    lines(leaf, totals) {
      if (leaf.type === "account") return `\naccount ${leaf.accountKind}:${leaf.id}\n`;
      if (leaf.type !== "entry") return "";
      const of = leaf.of ? `, of:${leaf.of}` : "";
      const first =
        `\n${leaf.on}=${asDay(leaf.recordedMs)} (${leaf.number}) ${leaf.kind}` +
        `  ; entry:${leaf.id}, leaf:${leaf.index}, policy:${leaf.policy}${of}\n`;
      const pair = ([giver, receiver, minutes]) =>
        `    ${totals.accounts.get(giver).kind}:${giver}  -${minutes} min\n` +
        `    ${totals.accounts.get(receiver).kind}:${receiver}  ${minutes} min\n`;
      return first + leaf.movements.map(pair).join("");
    },
    tail(totals) {
      if (totals.accounts.size === 0) return [];
      const rows = totals.sorted().map(([id, { kind, posted, lastLeaf }]) =>
        [lastLeaf, `    ${kind}:${id}  0 min = ${posted} min\n`]);
      return [[totals.lastOnLeaf, `\n${totals.lastOn} balances\n`], ...rows];
    },
  },
  {
    name: "journal.beancount",
    optional: true,
    head: (origin) => `option "title" "${origin}"\noption "operating_currency" "MIN"\n`,
    lines(leaf, totals) {
      if (leaf.type === "account") {
        return `\n1970-01-01 open ${beancountName(leaf.accountKind, leaf.id)} MIN\n`;
      }
      if (leaf.type !== "entry") return "";
      const first =
        `\n${leaf.on} * "${leaf.kind}" "${leaf.number}"\n  entry: "${leaf.id}"\n` +
        `  recorded: "${new Date(leaf.recordedMs).toISOString()}"\n`;
      const pair = ([giver, receiver, minutes]) =>
        `  ${beancountName(totals.accounts.get(giver).kind, giver)}  -${minutes} MIN\n` +
        `  ${beancountName(totals.accounts.get(receiver).kind, receiver)}  ${minutes} MIN\n`;
      return first + leaf.movements.map(pair).join("");
    },
    tail(totals) {
      const day = asDay(Date.parse(`${totals.lastOn}T00:00:00Z`) + 86400000);
      return totals.sorted().map(([id, { kind, posted, lastLeaf }]) =>
        [lastLeaf, `\n${day} balance ${beancountName(kind, id)}  ${posted} MIN\n`]);
    },
  },
];

// Compares one file with what the leaves say, as they go by; names its first difference.
class ExportCheck {
  constructor(format, file, origin, findings) {
    this.format = format;
    this.file = file;
    this.findings = findings;
    this.at = 0;
    this.differs = false;
    this.lastLeaf = null;
    this.pieces = [[null, format.head(origin)]];
  }

  leaf(leaf, totals) {
    this.lastLeaf = leaf.index;
    const text = this.format.lines(leaf, totals);
    if (text) this.pieces.push([leaf.index, text]);
  }

  async compare() {
    const pieces = this.pieces.splice(0);
    if (this.differs) return;
    const expected = bytesOf(pieces.map(([, text]) => text).join(""));
    const actual = await this.read(expected.length);
    if (!sameBytes(actual, expected)) this.nameDifference(pieces, actual);
    this.at += expected.length;
  }

  async finish(totals) {
    for (const piece of this.format.tail(totals)) this.pieces.push(piece);
    await this.compare();
    if (!this.differs && this.file.size > this.at) {
      // The last leaf is what shows that the log has no more to say.
      this.add(this.lastLeaf, `goes on after byte ${this.at}`);
    }
  }

  async read(length) {
    const slice = this.file.slice(this.at, this.at + length);
    return new Uint8Array(await slice.arrayBuffer());
  }

  nameDifference(pieces, actual) {
    let at = 0;
    for (const [leaf, text] of pieces) {
      const expected = bytesOf(text);
      const found = actual.subarray(at, at + expected.length);
      if (!sameBytes(found, expected)) {
        const off = firstDifference(expected, found);
        const shown = (bytes) => {
          const start = Math.max(0, off - 60);
          return JSON.stringify(new TextDecoder().decode(bytes.subarray(start, start + 120)));
        };
        this.add(leaf, `at byte ${this.at + at + off} the leaves give ${shown(expected)}, ` +
          `the file has ${shown(found)}`);
        return;
      }
      at += expected.length;
    }
  }

  add(leaf, evidence) {
    this.differs = true;
    this.findings.add(this.format.name, leaf, "export_differs", evidence);
  }
}
