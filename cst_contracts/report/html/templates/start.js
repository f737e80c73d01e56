// Addresses, keys, printing; and the first page.
const PRINTED = 400;
const FILLED_IDLY = 200;

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // somebody typed a lone per-cent sign
  }
}

function pageOf(address) {
  const [path, query] = address.split("?");
  const [kind = "", name = ""] = path.split("/").slice(1).map(decoded);
  current = null;
  if (kind === "t") {
    current = CONTRACTS.find(({ file }) => file === name) || CONTRACTS.find((each) => each.name === name) || null;
    if (current) return [current.name, contractPage(current, null)];
  } else if (kind === "p") {
    const promise = BY_ID.get(name);
    current = promise?.contract || null;
    if (promise) return [promise.id, contractPage(promise.contract, promise)];
  } else if (kind === "promises") return ["Promises", promisesPage(new URLSearchParams(query))];
  else if (kind === "changes") return ["Changes", changesPage()];
  else if (kind === "run") return ["Run", runPage()];
  else if (kind === "") return ["", overview()];
  return ["Not in this run", notInThisRun(name || kind)];
}

function notInThisRun(name) {
  const home = h("a", { href: "#/" }, "To the overview");
  return [
    h("h1", null, "Not in this run"),
    h("p", { class: "quiet" }, mono(name), " is not among its promises. ", home),
  ];
}

function route(first) {
  const address = location.hash.slice(1) || "/";
  const [title, content] = pageOf(address);
  $("#main").replaceChildren(...content.flat(9).filter(Boolean));
  document.title = (title ? `${title} – ` : FAILED ? `✕ ${FAILED} ` : "") + DATA.title;
  mark();
  fillSoon();
  if (first || address.startsWith("/p/")) return;
  scrollTo(0, 0);
  $("#main").focus({ preventScroll: true });
}

// Bodies of the first findings, while nothing else is to be done, so that find-in-page reaches them.
const idly = window.requestIdleCallback || ((work) => setTimeout(() => work({ timeRemaining: () => 5 }), 60));

function fillSoon() {
  const left = [...document.querySelectorAll("main details.f")].slice(0, FILLED_IDLY);
  const step = (time) => {
    while (left.length && time.timeRemaining() > 3) left.shift().fill();
    if (left.length && left[0].isConnected) idly(step);
  };
  idly(step);
}

addEventListener("beforeprint", () => {
  document.documentElement.dataset.theme = "light";
  for (const details of [...document.querySelectorAll("main details.f:not([data-kept])")].slice(0, PRINTED)) {
    details.fill();
    details.open = true;
  }
});
addEventListener("afterprint", paint);
prefersDark.addEventListener("change", paint);

const ADDRESSES = { o: "#/", p: "#/promises", m: "#/changes", r: "#/run" };

function step(by) {
  const lines = [...document.querySelectorAll("main details.f > summary")];
  if (!lines.length) return;
  const at = lines.indexOf(document.activeElement) + by;
  const line = lines[Math.max(0, Math.min(lines.length - 1, at))];
  line.focus();
  line.scrollIntoView({ block: "nearest" });
}

function focusSearch() {
  const field = $("#q") || [$("#rail-search"), $("main .field")].find((each) => each?.offsetParent);
  field?.focus();
}

function copyFocused() {
  const details = document.activeElement.closest("details.f");
  if (!details) return;
  details.fill();
  $(".acts .btn", details).click();
}

addEventListener("keydown", (event) => {
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
  if (!keysWork || typing || event.ctrlKey || event.metaKey || event.altKey || $("dialog[open]")) return;
  if (event.key in ADDRESSES) location.hash = ADDRESSES[event.key];
  else if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if (event.key === "c") copyFocused();
  else if (event.key === "?") help();
  else if (event.key === "/") {
    event.preventDefault(); // some browsers begin a search of their own
    focusSearch();
  }
});

frame();
route(true);
addEventListener("hashchange", () => route(false));
