// All promises, searched and filtered; the filters are part of the address.
const FIRST_PROMISES = 100;
const MORE_PROMISES = 200;
const FILTERS = ["o", "k", "own", "t", "q", "new"];

function promisesPage(query) {
  const wanted = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) || ""]));
  const list = h("div", { class: "list" });
  const count = h("p", { class: "qq count", role: "status" });
  let most = FIRST_PROMISES;
  const fill = () => {
    const found = matching(wanted);
    const widen = () => {
      most += MORE_PROMISES;
      fill();
    };
    count.textContent = `${number(found.length)} of ${plural(PROMISES.length, "promise")}`;
    list.replaceChildren(...found.slice(0, most).map((promise) => finding(promise)));
    list.append(more(MORE_PROMISES, found.length - most, widen) || "");
    if (!found.length) list.append(nothingFound());
    fillSoon();
  };
  const change = (name) => (value) => {
    wanted[name] = value;
    const given = Object.fromEntries(Object.entries(wanted).filter(([, each]) => each));
    const address = promisesLink(given);
    history.replaceState(null, "", Object.keys(given).length ? address : "#/promises");
    most = FIRST_PROMISES;
    fill();
  };
  fill();
  return [h("h1", null, "Promises"), filterBar(wanted, change), count, list];
}

function filterBar(wanted, change) {
  const states = some(TOTAL).map((state) => [state, WORD[state]]);
  if (NOTED) states.push(["noted", "kept, with a note"]);
  const kinds = [...new Set(PROMISES.map(({ kind }) => kind))].sort().map((kind) => [kind, kind]);
  const names = CONTRACTS.map(({ file, name }) => [file, name]).sort(([, a], [, b]) => (a < b ? -1 : 1));
  const place = { id: "q", placeholder: "Field, table, code or words", value: wanted.q };
  return h(
    "div",
    { class: "filters", role: "search" },
    search("Search promises", place, change("q")),
    select("Any outcome", states, wanted.o, change("o")),
    select("Any kind", kinds, wanted.k, change("k")),
    select(
      "Every owner",
      OWNERS.map((owner) => [owner, owner]),
      wanted.own,
      change("own"),
    ),
    select("Every contract", names, wanted.t, change("t")),
    HAS_HISTORY && movedButton(wanted, change("new")),
  );
}

function movedButton(wanted, change) {
  const button = h("button", { class: "btn tall", type: "button", "aria-pressed": String(!!wanted.new) }, "Moved only");
  button.addEventListener("click", () => {
    change(wanted.new ? "" : "1");
    button.setAttribute("aria-pressed", String(!!wanted.new));
  });
  return button;
}

function matching(wanted) {
  const words = wanted.q.toLowerCase();
  const fits = (promise) =>
    (!wanted.o || (wanted.o === "noted" ? isNoted(promise) : promise.state === wanted.o)) &&
    (!wanted.k || promise.kind === wanted.k || promise.group === wanted.k) &&
    (!wanted.own || promise.contract.of === wanted.own) &&
    (!wanted.t || promise.contract.file === wanted.t) &&
    (!wanted.new || promise.was != null) &&
    (!words || `${promise.id} ${promise.observed || ""} ${promise.code || ""}`.toLowerCase().includes(words));
  const found = PROMISES.filter(fits);
  const place = (promise) => ORDER.indexOf(promise.state) + (promise.failed ? 0 : 10);
  return found.sort((a, b) => (a.state === "kept") - (b.state === "kept") || place(a) - place(b) || a.at - b.at);
}

function nothingFound() {
  const clear = h("a", { href: "#/promises" }, "Clear the filters");
  return h("p", { class: "quiet" }, "No promise is like that. ", clear);
}
