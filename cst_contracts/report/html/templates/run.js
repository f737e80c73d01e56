// The run itself, and what the words mean.
const RESTS_ON = [
  ["schema", "read off schemas and logs, no row read"],
  ["plan", "read off a plan of the engine"],
  ["statistics", "read off the statistics in the files, no row read"],
  ["scan", "read off the rows"],
];

function runPage() {
  const { run } = DATA;
  const known = [
    ["started", run.started],
    ["took", run.seconds == null ? null : `${run.seconds} s`],
    ["exit status", run.status],
    ["commit", run.commit && run.commit + (run.branch ? ` on ${run.branch}` : "")],
    [
      "selected by",
      [run.keyword && `-k ${run.keyword}`, run.markers && `-m ${run.markers}`].filter(Boolean).join(", "),
    ],
    ["violating rows shown", run.samples ? `the first ${run.samples} of each promise` : "none; --samples N shows some"],
    ...Object.entries(run.versions),
    ["memory limit, peak", run.memory && run.memory.map(megabytes).join(", ")],
    ["functions in the session", number(run.functions)],
    ["functions that shadow built-in ones", run.shadowed.join(", ") || "none"],
  ].filter(([, value]) => value != null && value !== "");
  const row = ([name, value]) =>
    h("tr", null, h("th", { scope: "row", class: "w30" }, name), h("td", { class: "m" }, value));
  return [
    h("h1", null, "The run"),
    h("div", { class: "lead" }, table("plain", null, known.map(row))),
    settings(run),
    words(),
  ];
}

const megabytes = (bytes) => (bytes == null ? "–" : `${number(Math.round(bytes / 1e6))} MB`);

function settings(run) {
  if (!run.settings.length) return null;
  const row = ([name, promised, effective]) =>
    h(
      "tr",
      null,
      h("td", { class: "m" }, name),
      h("td", { class: "m" }, promised),
      h("td", { class: promised === effective ? "m" : "m broken" }, effective ?? "none"),
    );
  const shown = table("plain", ["setting", "promised", "in force"], run.settings.map(row));
  return section("h-settings", "Settings that were promised", null, null, shown);
}

function words() {
  const outcome = (state) =>
    h(
      "tr",
      null,
      h("td", { class: "w30" }, glyph(state), " ", WORD[state]),
      h("td", { class: "q" }, `${MEANING[state]}.`),
    );
  const basis = ([name, meaning]) =>
    h("tr", null, h("td", null, h("span", { class: "tag basis-b" }, name)), h("td", { class: "q" }, `${meaning}.`));
  const shown = table("plain", null, [...ORDER.map(outcome), ...RESTS_ON.map(basis)]);
  return section("h-words", "What the words mean", null, null, shown);
}
