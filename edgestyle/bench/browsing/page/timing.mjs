// The same as edgestyle/bench/measuring.py: warm up until the median settles, then enough runs and enough seconds.
const SETTLED = 0.02;
const WINDOW = 10;

// The smallest step of performance.now(), milliseconds.
export function clockResolutionMs() {
  const steps = [];
  while (steps.length < 30) {
    const before = performance.now();
    let now = before;
    while (now === before) now = performance.now();
    steps.push(now - before);
  }
  return Math.min(...steps);
}

export async function timeOnceMs(call) {
  const [start, end] = await timeOnce(call);
  return end - start;
}

async function timeOnce(call) {
  const start = performance.now();
  await call();
  return [start, performance.now()];
}

// [{spans: [[start, end], ...] in milliseconds, warm_up: {runs, seconds, settled}}, ...] in the order of `calls`.
export async function measureInTurns(calls, plan) {
  const measured = [];
  for (const call of calls) measured.push({ call, spans: [], warm_up: await warmUp(call, plan) });
  const orders = [measured, measured.toReversed()];
  const begin = performance.now();
  for (let done = 0; done < plan.rounds || performance.now() - begin < plan.seconds * 1000; done++)
    for (const { call, spans } of orders[done % 2])
      for (let run = 0; run < plan.runs; run++) spans.push(await timeOnce(call));
  return measured.map(({ spans, warm_up }) => ({ spans, warm_up }));
}

async function warmUp(call, plan) {
  const begin = performance.now();
  const samples = [];
  for (;;) {
    samples.push(await timeOnceMs(call));
    const seconds = (performance.now() - begin) / 1000;
    const runs = samples.length;
    const enough = runs >= plan.min_warmup_runs && seconds >= plan.min_warmup_seconds;
    if (enough && isSettled(samples, WINDOW)) return { runs, seconds, settled: true };
    if (seconds >= plan.max_warmup_seconds && runs >= plan.min_warmup_runs)
      return { runs, seconds, settled: isSettled(samples, Math.min(WINDOW, Math.floor(runs / 2))) };
  }
}

function isSettled(samples, window) {
  if (window === 0 || samples.length < 2 * window) return false;
  const earlier = median(samples.slice(-2 * window, -window));
  return Math.abs(median(samples.slice(-window)) - earlier) <= SETTLED * earlier;
}

function median(values) {
  const ordered = values.toSorted((first, second) => first - second);
  const middle = ordered.length >> 1;
  return ordered.length % 2 ? ordered[middle] : (ordered[middle - 1] + ordered[middle]) / 2;
}
