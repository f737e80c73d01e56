// What stands around each page: the head, and the rail of contracts.
const PAGES = [
  ["#/", "Overview"],
  ["#/promises", "Promises"],
  ["#/changes", "Changes"],
  ["#/run", "Run"],
];
const LONG_RAIL = 60;
let current = null; // the contract on view

function frame() {
  const list = h("div");
  const fill = (words) => {
    list.replaceChildren(...railLists(words.toLowerCase()));
    mark();
  };
  const find = search("Find a contract", { id: "rail-search", placeholder: "Find a contract" }, fill);
  const started = DATA.run.started ? h("span", { class: "qq when" }, ` · ${DATA.run.started}`) : null;
  const head = h(
    "header",
    { class: "top" },
    h("a", { class: "brand", href: "#/" }, DATA.title, started),
    h(
      "nav",
      { "aria-label": "Pages" },
      PAGES.map(([address, name]) => h("a", { href: address }, name)),
    ),
    h("span", null, iconButton("Light or dark", "◐", changeTheme), iconButton("Keys", "?", help)),
  );
  const rail = h("aside", { class: "rail", "aria-label": "Contracts" }, find, list);
  $("#app").replaceChildren(head, h("div", { class: "frame" }, rail, h("main", { id: "main", tabindex: -1 })));
  fill("");
}

function iconButton(label, sign, click) {
  const shown = h("span", { "aria-hidden": "true" }, sign);
  return h("button", { class: "icon", type: "button", "aria-label": label, title: label, onclick: click }, shown);
}

function railLists(words) {
  const found = CONTRACTS.filter(({ name }) => name.toLowerCase().includes(words));
  const [red, calm] = [found.filter(({ bad }) => bad), found.filter(({ bad }) => !bad)];
  const list = (contracts) => h("ul", null, contracts.map(railEntry));
  const shown = red.length ? [h("h2", null, `Not all kept · ${red.length}`), list(red)] : [];
  if (!calm.length) return shown;
  if (calm.length <= LONG_RAIL || words) return [...shown, h("h2", null, `Kept · ${calm.length}`), list(calm)];
  const closed = h("details", { class: "kept-l" }, h("summary", null, `Kept · ${calm.length}`));
  closed.addEventListener(
    "toggle",
    () => {
      closed.append(list(calm));
      mark();
    },
    { once: true },
  );
  return [...shown, closed];
}

function railEntry(contract) {
  return h(
    "li",
    null,
    h(
      "a",
      { href: contractLink(contract), "data-file": contract.file, class: contract.bad ? null : "off" },
      glyph(contract.worst, WORD[contract.worst]),
      mono(contract.name),
      h("span", { class: "n" }, contract.bad || ""),
    ),
  );
}

function mark() {
  const address = location.hash || "#/";
  const isOn = (of) => (of === "#/" ? address === of : address === of || address.startsWith(`${of}?`));
  for (const link of document.querySelectorAll(".top nav a")) setCurrent(link, isOn(link.getAttribute("href")));
  for (const link of document.querySelectorAll(".rail a[data-file]"))
    setCurrent(link, link.dataset.file === current?.file);
}

function setCurrent(link, on) {
  if (on) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
}

const prefersDark = matchMedia("(prefers-color-scheme: dark)");

function paint() {
  document.documentElement.dataset.theme = kept.get("cst-theme") || (prefersDark.matches ? "dark" : "light");
}

function changeTheme() {
  const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  kept.set("cst-theme", theme);
}

const KEYS = [
  ["/", "find a contract, or a promise on that page"],
  ["j k", "next and previous finding"],
  ["Enter", "open or close it"],
  ["c", "copy the test id of the finding in focus"],
  ["o p m r", "overview, promises, changes, run"],
  ["?", "this"],
];
let keysWork = kept.get("cst-keys") !== "off";

function help() {
  const change = (event) => {
    keysWork = event.target.checked;
    kept.set("cst-keys", keysWork ? "on" : "off");
  };
  const box = h("input", { type: "checkbox", onchange: change });
  box.checked = keysWork;
  const told = KEYS.map(([keys, what]) => [
    h(
      "dt",
      null,
      keys.split(" ").map((key) => [h("kbd", null, key), " "]),
    ),
    h("dd", null, what),
  ]);
  const close = h("button", { class: "btn", type: "button", autofocus: true, onclick: () => dialog.close() }, "Close");
  const dialog = h(
    "dialog",
    { "aria-labelledby": "h-keys" },
    h("h2", { id: "h-keys" }, "Keys"),
    h("dl", null, told),
    h("label", null, box, " Single keys work"),
    h("p", { class: "lead" }, close),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
