// What moved since the run before.
const MOST_CHANGES = 150;
const MOST_SHIFTS = 200;

function changesPage() {
  if (!HAS_HISTORY) {
    const told = "No earlier run was given. Name one, and this page says what moved: ";
    const command = mono("cst-contracts report MANIFEST --against OLD --html FILE");
    return [h("h1", null, "Changes"), h("p", { class: "quiet note" }, told, command)];
  }
  return [
    h("h1", null, `What moved since ${LAST}`),
    h("p", { class: "lead" }, movement()),
    h("div", { class: "history" }, timeline(), ends()),
    runsAsNumbers(),
    shiftsSection(),
    brokenSection(),
    changeSection("h-fixed", "Fixed", MOVED.fixed),
    lostSection(),
    changeSection(
      "h-added",
      "Newly promised",
      [...MOVED.added].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state)),
    ),
    changeSection("h-other", "Otherwise moved", MOVED.other),
    goneSection(),
  ];
}

function movement() {
  const told = [
    [MOVED.broke.length, "newly broken"],
    [MOVED.lost.length, "no longer looked at"],
    [MOVED.fixed.length, "fixed"],
    [MOVED.added.length, "newly promised"],
    [DATA.gone.length, "no longer promised"],
  ];
  const some = told.filter(([count]) => count).map(([count, word]) => `${number(count)} ${word}`);
  return some.length ? `${some.join(", ")}.` : "No promise came out otherwise than before.";
}

const ends = () => h("div", { class: "cap" }, `${DATA.runs[0][0]} – ${DATA.runs[DATA.runs.length - 1][0]}`);

function runsAsNumbers() {
  const row = ([label, counts]) =>
    h(
      "tr",
      null,
      h("th", { scope: "row" }, label),
      counts.map((count) => h("td", null, number(count))),
    );
  const heads = ["run", ...ORDER.map((state) => WORD[state])];
  const shown = table("plain num", heads, DATA.runs.map(row));
  const label = "the runs as numbers";
  const region = h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": label }, shown);
  return h("details", { class: "numbers noprint" }, h("summary", null, "The same as numbers"), region);
}

function shiftsSection() {
  if (!DATA.shifts.length) return null;
  const row = ([name, line, kind]) =>
    h(
      "tr",
      null,
      h("td", { class: "m" }, name || quiet("the run")),
      h("td", { class: "m" }, line),
      h("td", { class: "q nb" }, kind),
    );
  const shown = table("plain", ["table", "what", "for readers"], DATA.shifts.slice(0, MOST_SHIFTS).map(row));
  return section(
    "h-shifts",
    "The tables themselves",
    "as the engine sees them",
    null,
    shown,
    leftOver(DATA.shifts, MOST_SHIFTS),
  );
}

function leftOver(items, most) {
  return items.length > most ? h("p", { class: "quiet" }, `and ${number(items.length - most)} more`) : null;
}

function brokenSection() {
  const causes = CAUSES.filter((cause) => cause.red.some((promise) => MOVED.broke.includes(promise)));
  if (!causes.length) return null;
  const note = `${plural(MOVED.broke.length, "promise")}, ${plural(causes.length, "cause")}`;
  const list = causes.slice(0, MOST_CHANGES).map((cause) => finding(cause.head, { cause }));
  return section(
    "h-broke",
    "Newly broken",
    note,
    null,
    h("div", { class: "list" }, list),
    leftOver(causes, MOST_CHANGES),
  );
}

function changeSection(id, title, promises) {
  if (!promises.length) return null;
  const list = promises.slice(0, MOST_CHANGES).map((promise) => finding(promise));
  return section(
    id,
    title,
    number(promises.length),
    null,
    h("div", { class: "list" }, list),
    leftOver(promises, MOST_CHANGES),
  );
}

// One row a contract, with the reason.
function lostSection() {
  if (!MOVED.lost.length) return null;
  const row = ([contract, promises]) =>
    h(
      "tr",
      null,
      h("td", { class: "m" }, h("a", { href: contractLink(contract) }, contract.name)),
      h("td", { class: "num nb" }, plural(promises.length, "promise")),
      h("td", { class: "q" }, promises[0].observed || ""),
    );
  const rows = [...groupedBy(MOVED.lost, ({ contract }) => contract)].map(row);
  const shown = table("plain", ["contract", "promises", "why"], rows);
  return section("h-lost", "No longer looked at", number(MOVED.lost.length), null, shown);
}

function goneSection() {
  if (!DATA.gone.length) return null;
  const row = ([name, state]) =>
    h("tr", null, h("td", { class: "m" }, name), h("td", { class: "q" }, `was ${WORD[state]}`));
  const shown = table("plain", ["promise", "outcome"], DATA.gone.slice(0, MOST_SHIFTS).map(row));
  return section(
    "h-gone",
    "No longer promised",
    number(DATA.gone.length),
    null,
    shown,
    leftOver(DATA.gone, MOST_SHIFTS),
  );
}
