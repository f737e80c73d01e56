// The first page: the verdict, what to look at, and the contracts.
const FIRST_CAUSES = 60;
const MORE_CAUSES = 200;

function overview() {
  if (!PROMISES.length) return nothingCollected();
  const contracts = contractTable();
  return [
    h(
      "div",
      { class: "verdict" },
      verdictHead(),
      bar(TOTAL, "big"),
      h("div", { class: "counts" }, countLinks(TOTAL, {}), NOTED > 0 && notedLink()),
      facts(),
    ),
    CAUSES.length > 0 && lookAt(contracts),
    section("h-contracts", "Contracts", number(CONTRACTS.length), contracts.search, contracts.table),
  ];
}

function notedLink() {
  const told = h("span", { class: "w" }, `${number(NOTED)} of them with a note`);
  return h("a", { href: promisesLink({ o: "noted" }) }, told);
}

function nothingCollected() {
  const command = mono("pytest contracts --collect-only");
  return [
    h("div", { class: "verdict" }, verdictHead()),
    h("section", null, h("p", { class: "note" }, "See what a run would collect: ", command, ".")),
  ];
}

function lookAt(contracts) {
  let by = kept.get("cst-by") || "contract";
  let owner = "";
  let most = FIRST_CAUSES;
  const list = h("div", { class: "list" });
  const count = h("span", { class: "qq", id: "causes" });
  const fill = () => {
    const chosen = CAUSES.filter((cause) => !owner || cause.contract.of === owner);
    const left = chosen.length - most;
    const widen = () => {
      most += MORE_CAUSES;
      fill();
    };
    list.replaceChildren(...grouping(chosen, by, most), more(MORE_CAUSES, left, widen) || "");
    if (!chosen.length) list.append(h("p", { class: "quiet" }, `Nothing of ${owner} is red.`));
    count.textContent = plural(chosen.length, "cause");
    fillSoon();
  };
  const groups = [
    ["contract", "By contract"],
    ["owner", "By owner"],
    ...(HAS_HISTORY ? [["newest", "Newest first"]] : []),
  ];
  const grouped = h(
    "select",
    {
      class: "sel",
      "aria-label": "Grouped by",
      onchange: (event) => {
        by = event.target.value;
        kept.set("cst-by", by);
        fill();
      },
    },
    groups.map(([value, label]) => h("option", { value, selected: value === by }, label)),
  );
  const owned = select(
    "Every owner",
    OWNERS.map((each) => [each, each]),
    owner,
    (chosen) => {
      owner = chosen;
      fill();
      contracts.ownedBy(owner);
      say(count.textContent);
    },
  );
  fill();
  const head = [h("h2", { id: "h-red" }, "What to look at"), count, h("div", { class: "tools" }, grouped, owned)];
  return h("section", { "aria-labelledby": "h-red" }, h("header", null, head), list);
}

function grouping(causes, by, most) {
  if (by === "newest") return causes.slice(0, most).map((cause) => finding(cause.head, { cause }));
  const key = by === "owner" ? (cause) => cause.contract.of : (cause) => cause.contract.at;
  const groups = [...groupedBy(causes, key).values()];
  groups.sort(by === "owner" ? (a, b) => b.length - a.length : (a, b) => a[0].contract.at - b[0].contract.at);
  const shown = [];
  for (const group of groups) {
    if (most <= 0) break;
    const [{ contract }] = group;
    const name = by === "owner" ? contract.of : h("a", { class: "m", href: contractLink(contract) }, contract.name);
    shown.push(h("h3", { class: "gh" }, name, by === "owner" ? null : quiet(contract.of), quiet(number(group.length))));
    const part = [...group].sort((a, b) => a.rank - b.rank).slice(0, most);
    shown.push(...part.map((cause) => finding(cause.head, { cause, named: by === "owner" })));
    most -= part.length;
  }
  return shown;
}

const COLUMN_HEADS = [
  ["name", "Contract", null],
  ["owner", "Owner", "own"],
  ["rows", "Rows", "r"],
  [null, "Outcomes", null],
  ["promises", "Promises", "r"],
  ["worst", "Not kept", "oc"],
];
const COMPARE = {
  worst: (a, b) => a.at - b.at,
  name: (a, b) => (a.name < b.name ? -1 : 1),
  owner: (a, b) => (a.of < b.of ? -1 : a.of > b.of ? 1 : 0),
  rows: (a, b) => (b.rows ?? -1) - (a.rows ?? -1),
  promises: (a, b) => b.promises.length - a.promises.length,
};
const FIRST_CONTRACTS = 100;
const MANY_CONTRACTS = 150;

// Rows are made once, and moved where they are sorted.
function contractTable() {
  const state = { sort: "worst", turned: false, owner: "", words: "", whole: false };
  const body = h("tbody");
  const made = new Map();
  const row = (contract) => {
    if (!made.has(contract)) made.set(contract, contractRow(contract));
    return made.get(contract);
  };
  const fill = () => {
    const chosen = CONTRACTS.filter(
      (each) =>
        (!state.owner || each.of === state.owner) &&
        `${each.name} ${each.file} ${each.of}`.toLowerCase().includes(state.words),
    ).sort(COMPARE[state.sort]);
    if (state.turned) chosen.reverse();
    const count = state.whole || chosen.length <= MANY_CONTRACTS ? chosen.length : FIRST_CONTRACTS;
    body.replaceChildren(...chosen.slice(0, count).map(row));
    if (count < chosen.length)
      body.append(showAll(chosen.length, () => Object.assign(state, { whole: true }) && fill()));
    if (!chosen.length) body.append(h("tr", null, h("td", { colspan: 7, class: "q" }, "No contract is called that.")));
  };
  const head = h(
    "tr",
    null,
    COLUMN_HEADS.map(([key, label, kind]) => sortHead(key, label, kind, state, fill)),
  );
  if (HAS_HISTORY) head.append(h("th", { scope: "col", class: "r own" }, "New"));
  const change = (words) => {
    state.words = words.toLowerCase();
    fill();
  };
  fill();
  return {
    table: h("table", { class: "con" }, h("thead", null, head), body),
    search: search("Filter contracts", { placeholder: "Filter" }, change),
    ownedBy: (owner) => {
      state.owner = owner;
      fill();
    },
  };
}

const showAll = (count, show) =>
  h(
    "tr",
    null,
    h("td", { colspan: 7 }, h("button", { class: "btn", type: "button", onclick: show }, `Show all ${number(count)}`)),
  );

function sortHead(key, label, kind, state, fill) {
  if (!key) return h("th", { scope: "col" }, label);
  const head = h("th", { scope: "col", class: kind, "aria-sort": key === state.sort ? "ascending" : null });
  const sort = () => {
    state.turned = state.sort === key && !state.turned;
    state.sort = key;
    for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", state.turned ? "descending" : "ascending");
    fill();
    say(`Sorted by ${label}`);
  };
  head.append(h("button", { type: "button", onclick: sort }, label));
  return head;
}

function contractRow(contract) {
  const rows = contract.rows != null ? number(contract.rows) : contract.kind === "table" ? quiet("not read") : "";
  const name = [
    glyph(contract.worst, WORD[contract.worst]),
    h("a", { class: "m", href: contractLink(contract) }, contract.name),
  ];
  const unit = contract.promises.length === 1 ? " promise" : " promises";
  return h(
    "tr",
    null,
    h("td", null, h("span", { class: "nm" }, name)),
    h("td", { class: "own q" }, contract.of),
    h("td", { class: "r num lbl", "data-l": "rows" }, rows),
    h(
      "td",
      { class: "barcell" },
      bar(contract.counts, contract.bad ? "" : "calm"),
      h("span", { class: "vh" }, inWords(contract.counts)),
    ),
    h("td", { class: "r num q", "data-u": unit }, number(contract.promises.length)),
    h("td", { class: "oc" }, notKept(contract.counts)),
    HAS_HISTORY &&
      h("td", { class: "r own" }, contract.fresh > 0 && h("span", { class: "isnew num" }, `+${contract.fresh}`)),
  );
}
