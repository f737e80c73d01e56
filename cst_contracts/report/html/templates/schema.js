// The schema of a contract: a strip with a mark a leaf, and a tree in which each node carries its promises.
const LEAVES_OF_A_STRIP = 24;
const MANY_NODES = 30;
const VERY_MANY_NODES = 60;

function nodesOf(contract) {
  const nodes = (contract.nodes || []).map(([path, name, type, nullable, parent, there], at) => ({
    at,
    path,
    name,
    type,
    nullable,
    parent,
    there,
    below: [],
    promises: [],
  }));
  for (const node of nodes) {
    const parent = nodes[node.parent];
    node.depth = parent ? parent.depth + 1 : 0;
    if (parent) parent.below.push(node);
  }
  for (const promise of contract.promises) for (const at of promise.nodes) nodes[at].promises.push(promise);
  for (const node of nodes.reverse()) {
    node.state = ORDER.find((state) => node.promises.some((promise) => promise.state === state)) || "kept";
    node.red = node.below.reduce((sum, each) => sum + each.red + (each.state === "kept" ? 0 : 1), 0);
    node.inside = node.below.reduce((sum, each) => sum + each.inside + 1, 0);
  }
  return nodes.reverse();
}

function schemaSection(contract) {
  const nodes = nodesOf(contract);
  if (!nodes.length) return null;
  const leaves = nodes.filter((node) => !node.below.length);
  const roots = nodes.filter((node) => node.depth === 0);
  const tree = schemaTree(contract, nodes, roots);
  const note =
    nodes.length > leaves.length
      ? `${plural(leaves.length, "leaf", "leaves")} in ${plural(roots.length, "field")}`
      : plural(roots.length, "field");
  return section(
    "h-schema",
    "Schema",
    note,
    tree.button,
    leaves.length >= LEAVES_OF_A_STRIP && leafStrip(leaves),
    h("p", { class: "stripcap" }, schemaSentence(nodes)),
    tree.table,
  );
}

function leafStrip(leaves) {
  const marks = [];
  let last = null;
  for (const leaf of leaves) {
    const [top] = leaf.path.split(/[.[{]/);
    if (last !== null && top !== last) marks.push(h("i", { class: "gap" }));
    last = top;
    const red = leaf.promises.filter((promise) => promise.state !== "kept").map(shortly);
    const title = [leaf.path, ...red].join(", ");
    marks.push(h("i", { class: leaf.promises.length ? leaf.state : "none", title }));
  }
  return h("div", { class: "strip", "aria-hidden": "true" }, marks);
}

function schemaSentence(nodes) {
  const red = nodes.filter((node) => !["kept", "undecided"].includes(node.state));
  if (!red.length && nodes.some((node) => node.state === "undecided")) {
    return nodes.every((node) => node.state === "undecided")
      ? "Not looked at: the promised fields are shown."
      : "Nothing is known to be otherwise than promised; some of it could not be looked at.";
  }
  if (red.length) {
    const link = (node) => {
      const promise = node.promises.find((each) => each.state === node.state);
      return h("a", { class: "m", href: promiseLink(promise) }, node.path);
    };
    const left = red.length - 5;
    return [
      `${red.length} not as promised: `,
      listed(red.slice(0, 5).map(link)),
      left > 0 ? ` and ${left} more.` : ".",
    ];
  }
  const untold = nodes.filter((node) => !node.promises.length && !node.below.length).length;
  return `Every promised field is as promised${untold ? `; ${plural(untold, "field")} more that nobody promised` : ""}.`;
}

// With many nodes and a fault, only faulty ones and their ancestors are shown; with very many and none, the
// top-level branches are closed.
function schemaTree(contract, nodes, roots) {
  const red = nodes.filter((node) => node.state !== "kept").length;
  const foldable = nodes.length > MANY_NODES && red > 0 && red < nodes.length;
  const closable = nodes.length > VERY_MANY_NODES && !red;
  const branches = roots.filter((node) => node.below.length);
  const view = { faultsOnly: foldable, closed: new Set(closable ? branches : []) };
  const body = h("tbody");
  const fill = () => body.replaceChildren(...treeRows(contract, roots, view, fill, body));
  const all = `All ${number(nodes.length)} nodes`;
  let button = null;
  if (foldable) {
    button = h("button", { class: "btn", type: "button", "aria-pressed": "false" }, all);
    button.addEventListener("click", () => {
      view.faultsOnly = !view.faultsOnly;
      button.setAttribute("aria-pressed", String(!view.faultsOnly));
      fill();
    });
  } else if (closable) {
    button = h("button", { class: "btn", type: "button" }, `Open all ${number(nodes.length)} nodes`);
    button.addEventListener("click", () => {
      const open = view.closed.size > 0;
      view.closed = new Set(open ? [] : branches);
      button.textContent = open ? "Close all" : `Open all ${number(nodes.length)} nodes`;
      fill();
    });
  }
  fill();
  const heads = h(
    "tr",
    null,
    ["Field", "Type", "Promises"].map((name) => h("th", { scope: "col" }, name)),
  );
  const widths = h("colgroup", null, h("col", { class: "w40" }), h("col", { class: "w22" }), h("col"));
  return { button, table: h("table", { class: "tree" }, widths, h("thead", null, heads), body) };
}

function treeRows(contract, roots, view, fill, body) {
  const rows = [];
  const isShown = (node) => !view.faultsOnly || node.state !== "kept" || node.red > 0;
  const walk = (level, depth) => {
    for (const node of level.filter(isShown)) {
      rows.push(treeRow(contract, node, view, fill, body));
      if (!view.closed.has(node)) walk(node.below, depth + 1);
    }
    const left = level.filter((node) => !isShown(node)).length;
    if (left) rows.push(leftOut(left, depth));
  };
  walk(roots, 0);
  return rows;
}

function leftOut(count, depth) {
  const told = `${plural(count, depth ? "other" : "other field")} as promised`;
  const inner = h("span", { class: "tw" }, h("span", { class: "sp" }), told);
  return h("tr", { style: `--d:${depth}` }, h("td", { colspan: 3, class: "more" }, inner));
}

function treeRow(contract, node, view, fill, body) {
  const marked = !["kept", "undecided"].includes(node.state);
  const closed = view.closed.has(node);
  const inside = node.red ? ` ${node.red} not as promised inside` : ` ${node.inside} inside`;
  const name = h(
    "span",
    null,
    h("span", { class: "vh" }, node.path),
    h("span", { class: "m", "aria-hidden": "true", title: node.path }, node.name),
    closed && h("span", { class: "more" }, inside),
  );
  const sign = node.state === "kept" ? null : glyph(node.state, WORD[node.state]);
  return h(
    "tr",
    { class: marked ? `bad t-${node.state}` : null, "data-path": node.path, style: `--d:${node.depth}` },
    h("th", { scope: "row" }, h("span", { class: "tw" }, opener(node, closed, view, fill, body), sign, name)),
    h(
      "td",
      { class: "ty" },
      h("span", { class: "clamp", title: node.type.length > 80 ? node.type : null }, node.type),
      node.there ? null : h("span", { class: "more" }, " (promised)"),
      node.nullable ? null : h("span", { class: "nn" }, " not null"),
    ),
    h("td", { class: "pc" }, chips(node)),
  );
}

function opener(node, closed, view, fill, body) {
  if (!node.below.length) return h("span", { class: "sp" });
  const turn = () => {
    if (!view.closed.delete(node)) view.closed.add(node);
    fill();
    $(`[data-path="${CSS.escape(node.path)}"] .tg`, body)?.focus();
  };
  const label = `${closed ? "Show" : "Hide"} what is in ${node.path}`;
  const named = { type: "button", "aria-expanded": String(!closed), "aria-label": label };
  return h("button", { class: "tg", ...named, onclick: turn }, chevron());
}

// Kept promises of one kind have one chip; so has all that waits.
function chips(node) {
  if (!node.promises.length) return h("span", { class: "more" }, "nobody promised it");
  const seen = new Set();
  const shown = node.promises.filter((promise) => {
    const key = promise.waits ? "waits" : promise.state === "kept" && !promise.code ? `${promise.kind}` : promise.id;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  return h("span", { class: "chips" }, shown.map(chip));
}

function chip(promise) {
  if (promise.waits)
    return h("a", { class: "chip", href: promiseLink(promise.waits) }, glyph("undecided"), "not looked at");
  const red = promise.state !== "kept";
  const noted = !red && promise.code;
  const label = noted
    ? h("span", { class: "nt" }, promised(promise), h("span", { class: "vh" }, ", with a note"))
    : promised(promise);
  return h(
    "a",
    {
      class: red ? "chip bad" : "chip",
      href: promiseLink(promise),
      title: noted ? `kept, noted: ${promise.observed}` : null,
    },
    glyph(promise.state, WORD[promise.state]),
    label,
  );
}

function promised(promise) {
  const names = {
    nulls: "no nulls",
    unique: promise.argument.includes(",") ? "unique with others" : "unique",
    reference: `→ ${promise.argument.split("→")[1]}`,
  };
  const name = names[promise.kind] || promise.kind;
  if (promise.state === "kept") return name;
  return ["field", "nulls"].includes(promise.kind) ? shortly(promise) : `${name}: ${shortly(promise)}`;
}

const shortly = (promise) => promise.short || promise.observed || WORD[promise.state];
