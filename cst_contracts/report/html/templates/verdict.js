// The sentence on top, and the four facts.
function verdictHead() {
  return [
    h("h1", null, glyph(VERDICT, WORD[VERDICT]), h("span", null, SENTENCE)),
    LEDE && h("p", { class: "lede" }, LEDE),
  ];
}

const fact = (title, ...content) => h("div", null, h("dt", null, title), ...content);
const figure = (value, rest) => h("dd", { class: "big" }, value, rest && h("small", null, rest));

function facts() {
  const unseen = TOTAL.undecided || 0;
  const seen = PROMISES.length - unseen;
  const deselected = DATA.run.deselected;
  const link = h("a", { href: promisesLink({ o: "undecided" }) }, `${number(unseen)} could not be`);
  return h(
    "dl",
    { class: "facts" },
    fact(
      "Promises looked at",
      figure(number(seen), ` of ${number(PROMISES.length)}`),
      h("dd", null, unseen ? link : "every one", deselected ? `; ${number(deselected)} were deselected` : ""),
    ),
    rowsFact(DATA.facts),
    basesFact(),
    sinceFact(),
  );
}

function rowsFact({ answered, read, rows, tables, unopened }) {
  if (!answered)
    return fact(
      "Rows answered for",
      figure("0", rows ? ` of ${number(rows)}` : null),
      h("dd", null, "no promise about rows was answered"),
    );
  const whole = answered === rows;
  const reading =
    read === answered ? ", and all were read" : `; ${number(read)} were read, for the others files say enough`;
  const closed = unopened ? `. None of ${plural(unopened, "table")} that could not be opened` : "";
  const reach = `${whole ? "all rows of" : "in"} ${plural(tables, "table")}`;
  return fact(
    "Rows answered for",
    figure(number(answered), whole ? null : ` of ${number(rows)}`),
    h("dd", null, reach + reading + closed),
  );
}

function basesFact() {
  const counts = DATA.facts.bases;
  const most = Math.max(1, ...counts);
  const one = (basis, at) =>
    counts[at]
      ? [
          h("span", null, basis),
          h("i", { style: `width:${(counts[at] / most) * 100}%`, "aria-hidden": "true" }),
          h("span", { class: "num" }, number(counts[at])),
        ]
      : null;
  return fact("What the answers rest on", h("dd", { class: "basis" }, DATA.bases.map(one)));
}

function sinceFact() {
  if (!HAS_HISTORY) return fact("Compared with", figure("–"), h("dd", null, "no earlier run was given"));
  const told = [
    [MOVED.broke.length, "newly broken"],
    [MOVED.lost.length, "no longer looked at"],
    [MOVED.fixed.length, "fixed"],
  ].filter(([count]) => count);
  const sentence = told.map(([count, word]) => `${number(count)} ${word}`).join(", ") || "nothing moved";
  const link = h("a", { href: "#/changes" }, sentence);
  return fact(`Since ${LAST}`, h("dd", null, timeline()), h("dd", null, link));
}
