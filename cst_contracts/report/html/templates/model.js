// What is embedded, as objects that know each other.
const DATA = JSON.parse($("#data").textContent);
const ORDER = DATA.states.map(([name]) => name);
const WORD = Object.fromEntries(DATA.states.map(([name, word]) => [name, word]));
const MEANING = Object.fromEntries(DATA.states.map(([name, , meaning]) => [name, meaning]));
const text = (at) => (at == null ? null : DATA.texts[at]);
const [VERDICT, SENTENCE, LEDE, FAILED] = DATA.verdict;

const CONTRACTS = DATA.contracts.map((each, at) => ({
  ...each,
  at,
  of: each.owner || "no owner",
  promises: [],
  causes: [],
  counts: {},
  failed: 0,
  fresh: 0,
}));

const PROMISES = DATA.promises.map(([of, check, state, group, line, basis, rows, nodes, told], at) => {
  const contract = CONTRACTS[of];
  const [, kind, argument] = /^([^[]*)(?:\[([^]*)\])?$/.exec(check) || [null, check, ""];
  const promise = {
    at,
    contract,
    check,
    kind,
    argument: argument || "",
    id: `${contract.file}::${check}`,
    state: ORDER[state],
    group: DATA.groups[group],
    line,
    basis: basis == null ? null : DATA.bases[basis],
    rows,
    nodes: nodes || [],
    ...told,
  };
  promise.code = text(promise.code);
  promise.observed = text(promise.observed);
  contract.promises.push(promise);
  contract.counts[promise.state] = (contract.counts[promise.state] || 0) + 1;
  if (promise.failed) contract.failed++;
  if (promise.was != null && promise.state !== "kept") contract.fresh++;
  return promise;
});

const CAUSES = DATA.causes.map(([of, red, waiting, rank, fresh]) => {
  const numbered = (numbers) => numbers.map((at) => PROMISES[at]);
  const cause = { contract: CONTRACTS[of], red: numbered(red), waiting: numbered(waiting), rank, fresh };
  cause.head = cause.red[0];
  cause.contract.causes.push(cause);
  for (const promise of cause.red) promise.cause = cause;
  return cause;
});

for (const contract of CONTRACTS) {
  contract.worst = ORDER.find((state) => contract.counts[state]);
  contract.bad = contract.promises.length - (contract.counts.kept || 0);
  contract.causes.sort((a, b) => a.rank - b.rank);
}
for (const promise of PROMISES) if (promise.waits != null) promise.waits = PROMISES[promise.waits];

const BY_ID = new Map(PROMISES.map((promise) => [promise.id, promise]));
const OWNERS = [...new Set(CONTRACTS.map((contract) => contract.of))].sort();
const TOTAL = {};
for (const promise of PROMISES) TOTAL[promise.state] = (TOTAL[promise.state] || 0) + 1;
const isNoted = (promise) => promise.state === "kept" && promise.code;
const NOTED = PROMISES.filter(isNoted).length;

// What moved since the run before; without one, no word is said about it.
const HAS_HISTORY = DATA.runs.length > 1;
const LAST = HAS_HISTORY ? DATA.runs[DATA.runs.length - 2][0] : null;
const MOVED = { broke: [], lost: [], fixed: [], added: [], other: [] };
for (const promise of PROMISES) {
  if (promise.was == null) continue;
  if (promise.was === "") MOVED.added.push(promise);
  else if (promise.state === "kept") MOVED.fixed.push(promise);
  else if (promise.state === "undecided") MOVED.lost.push(promise);
  else if (["broken", "vacuous"].includes(promise.state)) MOVED.broke.push(promise);
  else MOVED.other.push(promise);
}

const contractLink = (contract) => `#/t/${encodeURIComponent(contract.file)}`;
const promiseLink = (promise) => `#/p/${encodeURIComponent(promise.id)}`;
const promisesLink = (filters) => `#/promises?${new URLSearchParams(filters)}`;
