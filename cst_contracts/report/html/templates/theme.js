// Before the first paint: the reader's choice of light or dark, and whether scripts run at all.
(function (root) {
  let theme = null;
  root.classList.add("js");
  addEventListener("error", () => root.classList.remove("js"));
  try {
    theme = localStorage.getItem("cst-theme");
  } catch {
    // A browser may forbid storage to pages that are opened from files.
  }
  root.dataset.theme = theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
})(document.documentElement);
