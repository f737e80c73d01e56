// One promise: a line, and below it, when it is opened, all that is known.
function finding(promise, { cause = null, named = true, open = false } = {}) {
  const details = h("details", { class: "f", "data-kept": promise.state === "kept" });
  details.append(summaryOf(promise, cause, named));
  details.fill = () => {
    if (details.filled) return;
    details.filled = true;
    details.append(bodyOf(promise, cause));
  };
  details.addEventListener("toggle", () => details.open && details.fill());
  if (open) {
    details.fill();
    details.open = true;
  }
  return details;
}

function summaryOf(promise, cause, named) {
  const [subject, told] = promise.head || [];
  const line = promise.waits
    ? [h("span", { class: "m id" }, promise.check), quiet(" waits for ", promise.waits.check)]
    : promise.head
      ? [subject && h("span", { class: "m id" }, subject), subject ? ` ${told}` : capital(told)]
      : h("span", { class: "m id" }, promise.check);
  const where = [
    named && mono(promise.contract.name),
    named && promise.head && " · ",
    promise.head && mono(promise.check),
    cause && cause.red.length > 1 && ` and ${cause.red.length - 1} more`,
    cause && cause.waiting.length > 0 && ` · holds up ${cause.waiting.length}`,
  ];
  const side = since(promise) || (promise.state === "kept" ? promise.basis : null);
  return h(
    "summary",
    null,
    glyph(promise.state, WORD[promise.state]),
    h("span", { class: "what" }, line),
    h("span", { class: "where" }, where),
    h("span", { class: "side" }, side),
  );
}

function bodyOf(promise, cause) {
  const invalid = promise.code === "invalid-contract";
  const findings = promise.waits ? [] : promise.findings || [];
  const known = findings.length > 0 || promise.waits;
  return h(
    "div",
    { class: "body" },
    known ? null : h("p", { class: "q" }, `${capital(MEANING[promise.state])}.`),
    invalid ? problems(promise, findings) : findings.map((each) => sides(promise, each)),
    findings.length ? null : h("div", { class: "cap m" }, `${promise.contract.file}:${promise.line}`),
    violatingRows(promise),
    promise.consumers && act("Read by", promise.consumers.map(text).join(", ")),
    promise.waiver && act("Waiver", `“${promise.waiver[0]}”, says ${promise.waiver[1]}; ends ${promise.waiver[2]}`),
    promise.hidden && act("Hidden", `by a mark or fixture of the project, and not by a waiver: ${promise.hidden}`),
    hints(invalid ? [] : findings),
    promise.waits && waitsFor(promise),
    alsoRed(promise, cause),
    heldUp(cause),
    actions(promise),
  );
}

const act = (title, ...content) => h("p", { class: "do" }, h("b", null, title), h("span", null, ...content));
const SQL = ["rule", "aggregate", "query"];

function sides(promise, [code, promised, observed, , line, column, source]) {
  const typed = text(code) === "type-mismatch";
  return h(
    "div",
    null,
    h(
      "dl",
      { class: `pv t-${promise.state}` },
      h(
        "div",
        null,
        h("dt", null, "promised"),
        h("dd", { class: typed || SQL.includes(promise.kind) ? "m" : null }, text(promised) || "–"),
      ),
      h(
        "div",
        { class: "ob" },
        h("dt", null, "observed"),
        h("dd", { class: typed ? "m" : null }, text(observed) || "–"),
      ),
    ),
    h("div", { class: "cap m under" }, `${promise.contract.file}:${line}:${column}`),
    sourceLine(promise, line, source),
  );
}

function sourceLine(promise, line, source) {
  if (source == null) return null;
  const label = `line ${line} of ${promise.contract.file}`;
  const shown = [h("span", { class: "ln" }, line), text(source)];
  return h("pre", { class: "src", tabindex: 0, role: "region", "aria-label": label }, shown);
}

// Of a file that is no contract: each problem with its place and its line.
function problems(promise, findings) {
  const one = ([, , observed, hint, line, column, source]) =>
    h(
      "li",
      null,
      h("p", null, marked(capital(text(observed))), hint == null ? "." : ["; ", marked(sentence(text(hint)))]),
      h("div", { class: "cap m" }, `${promise.contract.file}:${line}:${column}`),
      sourceLine(promise, line, source),
    );
  return h("ol", { class: "probs" }, findings.map(one));
}

function hints(findings) {
  const told = [...new Set(findings.map(([, , , hint]) => hint).filter((hint) => hint != null))];
  return told.map((hint) => act("What to do", h("span", { class: "q" }, marked(sentence(capital(text(hint)))))));
}

function waitsFor(promise) {
  const cause = h("a", { class: "m", href: promiseLink(promise.waits) }, promise.waits.check);
  return act("Waits for", cause, h("span", { class: "q" }, promise.observed ? `: ${promise.observed}` : ""));
}

function alsoRed(promise, cause) {
  const others = cause ? cause.red.filter((other) => other !== promise) : [];
  if (!others.length) return null;
  const one = (other) =>
    h(
      "li",
      null,
      glyph(other.state, WORD[other.state]),
      " ",
      h("a", { class: "m", href: promiseLink(other) }, other.check),
      " ",
      quiet(other.observed === promise.observed ? "" : other.observed),
    );
  return h("div", { class: "also" }, "The same thing is red at", h("ul", null, others.map(one)));
}

function heldUp(cause) {
  if (!cause || !cause.waiting.length) return null;
  const shown = cause.waiting.slice(0, 6);
  const link = (promise) => {
    const name = promise.contract === cause.contract ? promise.check : promise.id;
    return h("a", { class: "m", href: promiseLink(promise) }, name);
  };
  const left = cause.waiting.length - shown.length;
  return h(
    "p",
    { class: "wait" },
    glyph("undecided"),
    ` ${plural(cause.waiting.length, "other promise")} could not be looked at because of it: `,
    listed(shown.map(link)),
    left ? ` and ${left} more.` : ".",
  );
}

function actions(promise) {
  const quoted = `'${promise.id.replaceAll("'", "'\\''")}'`;
  return h(
    "div",
    { class: "acts" },
    copyButton("Copy test id", promise.id),
    copyButton("Copy command", `pytest ${quoted}`),
    h("a", { class: "link", href: promiseLink(promise) }, "Link to this promise"),
    basisTag(promise),
    promise.code && h("span", { class: "qq m code" }, promise.code),
  );
}

const SHORT = 60;

function violatingRows(promise) {
  const shown = promise.samples;
  if (!shown) return null;
  const { columns, marked: hits, absent, rows } = shown;
  const element = rows.some((row) => row[2] != null);
  const heads = ["file", "row", ...(element ? ["element"] : []), ...columns];
  const first = heads.length - columns.length;
  const isHit = (at) => at >= first && at < first + hits;
  const head = (name, at) => h("th", { scope: "col", class: isHit(at) ? "hit" : null }, name);
  const line = ([file, row, inside, values, cut = []]) => {
    const cells = [file, row == null ? null : number(row), ...(element ? [inside] : []), ...values];
    return h(
      "tr",
      null,
      cells.map((value, at) => cell(value, isHit(at), cut.includes(heads[at]))),
    );
  };
  return h(
    "div",
    null,
    h(
      "div",
      { class: "cap" },
      h("span", null, share(rows.length, promise.violations)),
      absent && h("span", null, "· the leaf itself is not in the sample"),
    ),
    h(
      "div",
      {
        class: `scroll t-${promise.state}`,
        tabindex: 0,
        role: "region",
        "aria-label": `rows that violate ${promise.id}`,
      },
      h("table", { class: "rows" }, h("thead", null, h("tr", null, heads.map(head))), h("tbody", null, rows.map(line))),
    ),
  );
}

// Of a key, all rows that share it are shown, and those beyond the first are counted.
const share = (shown, violations) =>
  violations == null || shown > violations
    ? plural(shown, "violating row")
    : `${shown} of ${plural(violations, "violating row")}`;

function cell(value, hit, cut) {
  const told = value == null ? "–" : String(value);
  const short = told.length > SHORT ? `${told.slice(0, SHORT - 1)}…` : told;
  const kind = `${hit ? "hit " : ""}${["NULL", "None"].includes(told) ? "null" : ""}`.trim();
  return h("td", { class: kind || null, title: short === told ? null : told }, short, cut && quiet(" (cut)"));
}
