// The page of one contract, and the same at one of its promises.
const FAMILIES = [
  ["Opening it", ["table", "source", "contract", "delta", "unbounded", "catalog", "statistics", "pruning"]],
  ["Rows and keys", ["rows", "unique", "reference", "aggregate", "freshness", "read"]],
  ["Rules", ["rule"]],
  ["Order and partitions", ["order", "partition", "files"]],
  ["Fields as a whole", ["fields", "metadata"]],
  ["Views and queries", ["view", "query", "interop"]],
  ["Functions and settings", ["function", "setting"]],
  ["Drift", ["snapshot"]],
];
const OTHERS = "Others";

function contractPage(contract, focus) {
  const opened = new Map();
  const red = redSection(contract, focus, opened);
  const rest = restSection(contract, focus, opened, red);
  const alone = focus && !opened.has(focus) ? aloneSection(focus, opened) : null;
  if (focus) setTimeout(() => show(opened.get(focus)));
  return [contractHead(contract), alone, red, schemaSection(contract), movedSection(contract), rest];
}

function show(details) {
  details.fill();
  details.open = true;
  details.scrollIntoView({ block: "center" });
  $("summary", details).focus({ preventScroll: true });
  details.classList.add("flash");
}

function contractHead(contract) {
  const { at } = contract;
  const [before, after] = [CONTRACTS[at - 1], CONTRACTS[at + 1]];
  const neighbours = h(
    "span",
    { class: "pn noprint" },
    before && h("a", { href: contractLink(before), rel: "prev" }, "‹ ", mono(before.name)),
    after && h("a", { href: contractLink(after), rel: "next" }, mono(after.name), " ›"),
  );
  const crumbs = [h("a", { href: "#/" }, "Contracts"), ` / ${at + 1} of ${CONTRACTS.length}`, neighbours];
  return h(
    "div",
    { class: "head" },
    h("p", { class: "crumb" }, crumbs),
    h("h1", null, contract.name),
    contract.about && h("p", { class: "desc" }, contract.about),
    h("dl", { class: "kv" }, contractFacts(contract)),
    bar(contract.counts, "big"),
    h("div", { class: "counts" }, countLinks(contract.counts, { t: contract.file })),
  );
}

function contractFacts(contract) {
  const rows = contract.rows == null ? null : number(contract.rows);
  const files = contract.files ? ` in ${plural(contract.files, "file")}` : "";
  const referring = (contract.referring || []).map((at) =>
    h("a", { class: "m", href: contractLink(CONTRACTS[at]) }, CONTRACTS[at].name),
  );
  const known = [
    ["owner", contract.of],
    ["contract", mono(contract.file)],
    ["version", contract.version],
    ["format", contract.format && contract.format + (contract.delta == null ? "" : `, version ${contract.delta}`)],
    ["rows", rows ? rows + files : contract.unread ? "not read" : null],
    ["ordered by", contract.ordered && mono(contract.ordered.join(", "))],
    ["partitioned by", contract.partitioned && mono(contract.partitioned.join(", "))],
    ["referred to by", referring.length ? listed(referring) : null],
  ];
  return known
    .filter(([, value]) => value)
    .map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value)));
}

function redSection(contract, focus, opened) {
  const { causes } = contract;
  if (!causes.length) return null;
  const one = (cause, at) => {
    const open = focus ? cause.red.includes(focus) : causes.length <= 3 || at < 1;
    const details = finding(cause.head, { cause, named: false, open });
    for (const promise of cause.red) opened.set(promise, details);
    return details;
  };
  const list = h("div", { class: "list" }, causes.map(one));
  return section("h-find", "What to look at", plural(causes.length, "cause"), null, list);
}

function restSection(contract, focus, opened, red) {
  const rest = contract.promises.filter((promise) => !promise.cause && !(promise.nodes.length && isOfLeaf(promise)));
  if (!rest.length) return null;
  const known = new Set(FAMILIES.flatMap(([, kinds]) => kinds));
  const groups = [...FAMILIES, [OTHERS, rest.map(({ kind }) => kind).filter((kind) => !known.has(kind))]];
  const one = (promise) => {
    const details = finding(promise, { named: false, open: promise === focus });
    opened.set(promise, details);
    return details;
  };
  const content = groups.map(([title, kinds]) => {
    const own = rest.filter(({ kind }) => kinds.includes(kind));
    return own.length ? [h("h3", null, title), h("div", { class: "list" }, own.map(one))] : null;
  });
  const title = contract.kind === "table" ? "Promises of the whole table" : "Promises";
  const shown = section("h-rest", title, red ? "other than those above" : null, null, ...content);
  shown.classList.add("grp");
  return shown;
}

// What the schema shows at its leaf has no second line, unless a link leads to it.
const isOfLeaf = ({ kind }) => !["unique", "reference"].includes(kind);

function aloneSection(promise, opened) {
  const details = finding(promise, { named: false, open: true });
  opened.set(promise, details);
  return section("h-alone", "This promise", null, null, h("div", { class: "list" }, details));
}

function movedSection(contract) {
  const own = DATA.shifts.filter(([name]) => name && name === contract.name);
  if (!own.length) return null;
  const rows = own.map(([, line, kind]) =>
    h("tr", null, h("td", { class: "m" }, line), h("td", { class: "q nb" }, kind)),
  );
  const shown = table("plain", ["what", "for readers"], rows);
  return section("h-moved", `What moved since ${LAST}`, "as the engine sees it", null, shown);
}
