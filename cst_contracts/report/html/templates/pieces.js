// Bars, counts, tags and what else several pages show.
const some = (counts) => ORDER.filter((state) => counts[state]);

// Beside each bar a text says the same.
function bar(counts, kind) {
  const parts = some(counts).map((state) => h("i", { class: state, style: `flex-grow:${counts[state]}` }));
  return h("div", { class: `bar ${kind || ""}`, "aria-hidden": "true" }, parts);
}

const inWords = (counts) =>
  some(counts)
    .map((state) => `${counts[state]} ${WORD[state]}`)
    .join(", ");

function countLinks(counts, filters) {
  return some(counts).map((state) =>
    h(
      "a",
      { href: promisesLink({ o: state, ...filters }), title: MEANING[state] },
      glyph(state),
      h("b", null, number(counts[state])),
      h("span", { class: "w" }, WORD[state]),
    ),
  );
}

function notKept(counts) {
  const states = some(counts).filter((state) => state !== "kept");
  const one = (state) => h("span", { class: state, title: WORD[state] }, glyph(state, WORD[state]), counts[state]);
  return h("span", { class: "outs" }, states.map(one));
}

function copyButton(label, what) {
  const copied = async (event) => {
    const button = event.currentTarget;
    try {
      await navigator.clipboard.writeText(what);
    } catch {
      copyBySelection(what); // the clipboard is not for pages that are opened from files
      button.focus();
    }
    button.textContent = "Copied";
    say(`Copied ${what}`);
    setTimeout(() => (button.textContent = label), 1500);
  };
  return h("button", { class: "btn", type: "button", onclick: copied }, label);
}

function copyBySelection(what) {
  const area = h("textarea", { style: "position:fixed;left:-99px" });
  area.value = what;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

// What an answer rests on. Statistics and schemas answer for rows that nobody has read.
function basisTag(promise) {
  const basis = promise.basis;
  if (!basis) return null;
  const reach = basis === "scan" ? scanned(promise) : basis === "statistics" ? unread(promise) : "";
  return h("span", { class: "tag basis-b", title: "what the answer rests on" }, reach ? `${basis} · ${reach}` : basis);
}

function scanned(promise) {
  const [rows, , of, unit] = promise.covers || [promise.rows, null, promise.contract.rows, "row"];
  if (rows == null) return "";
  if (of != null && of !== rows) return `${number(rows)} of ${plural(of, unit)}`;
  return of == null ? plural(rows, unit) : `all ${plural(rows, unit)}`;
}

function unread(promise) {
  const all = promise.rows != null && promise.rows === promise.contract.rows;
  return `no row read${all ? ", answers for all" : ""}`;
}

// Since when it is so. What waits for another promise carries no such word: its cause does.
function since(promise) {
  if (promise.waits) return null;
  if (promise.state === "waived" && promise.waiver) return h("span", null, `until ${promise.waiver[2]}`);
  if (!HAS_HISTORY) return null;
  if (promise.was != null) {
    const word = promise.was === "" ? "new promise" : promise.state === "kept" ? "fixed" : "new";
    return h("span", { class: "isnew" }, word);
  }
  if (promise.since == null) return null;
  const oldest = promise.since === 0;
  const title = oldest ? "or earlier: no older run was given" : null;
  return h("span", { class: "qq", title }, `${oldest ? "at least " : ""}since ${DATA.runs[promise.since][0]}`);
}

const COLUMNS = ["broken", "warn", "vacuous", "undecided", "waived"];
const missed = ([, counts]) => counts.reduce((sum, count, at) => sum + (ORDER[at] === "kept" ? 0 : count), 0);
const of = ([, counts], state) => counts[ORDER.indexOf(state)];
const all = ([, counts]) => counts.reduce((sum, count) => sum + count, 0);

function timeline() {
  const most = Math.max(1, ...DATA.runs.map(missed));
  const told = DATA.runs.map((run) => `${run[0]}: ${missed(run)} of ${all(run)} not kept`);
  const column = (run, at) => {
    const states = COLUMNS.filter((state) => of(run, state));
    const parts = states.map((state) => h("i", { class: state, style: `height:${(of(run, state) / most) * 100}%` }));
    return h("span", { title: told[at] }, missed(run) ? parts : h("i", { class: "z" }));
  };
  const label = `Promises not kept, run by run. ${told.join("; ")}`;
  return h("div", { class: "tl", role: "img", "aria-label": label }, DATA.runs.map(column));
}

// A list of which the first are shown, and more when somebody asks.
function more(count, left, show) {
  if (left <= 0) return null;
  const button = h("button", { class: "btn", type: "button", onclick: show }, `Show ${Math.min(count, left)} more`);
  return h("p", { class: "quiet" }, button, quiet(` of ${number(left)}`));
}
