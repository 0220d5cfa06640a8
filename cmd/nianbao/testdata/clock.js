// A clock that the soak of the wall display turns: timers run when it is told to go on, in their order, and months pass in
// minutes. What the product asks of the browser's clock it gets from here; the network and the drawing of pictures are real.
(() => {
  const RealDate = Date, realTimeout = window.setTimeout.bind(window), realFetch = window.fetch.bind(window);
  const saved = Number(sessionStorage.getItem("clock"));
  let t = saved || CLOCK_START, skew = 0, origin = t, queue = [], last = 0, busy = 0;

  class FakeDate extends RealDate {
    constructor(...given) { if (given.length) { super(...given); } else { super(t + skew); } }
    static now() { return t + skew; }
  }
  window.Date = FakeDate;
  performance.now = () => t - origin;
  window.setTimeout = (run, wait, ...given) => { queue.push({id: ++last, at: t + Math.max(0, Number(wait) || 0), run, given}); return last; };
  window.clearTimeout = id => { queue = queue.filter(timer => timer.id !== id); };
  const hold = promise => { busy++; return promise.finally(() => { busy--; }); };
  window.fetch = (...given) => hold(realFetch(...given).then(answer => {
    const get = answer.headers.get.bind(answer.headers);
    Object.defineProperty(answer, "headers", {value: {get: name => name === "Date" && get(name) ? new RealDate(t).toUTCString() : get(name)}});
    for (const part of ["json", "text"]) { const read = answer[part].bind(answer); answer[part] = () => hold(read()); }
    return answer;
  }));
  const decode = HTMLImageElement.prototype.decode;
  let changes = 0;
  HTMLImageElement.prototype.decode = function () { return hold(decode.call(this).then(() => { changes++; })); };
  addEventListener("pagehide", () => sessionStorage.setItem("clock", String(t)));

  // held counts what the browser's store is at.
  const held = (target, kinds) => { busy++; const end = () => { busy--; }; for (const kind of kinds) { target.addEventListener(kind, end, {once: true}); } return target; };
  const open = IDBFactory.prototype.open, transaction = IDBDatabase.prototype.transaction;
  IDBFactory.prototype.open = function (...given) { return held(open.apply(this, given), ["success", "error"]); };
  IDBDatabase.prototype.transaction = function (...given) { return held(transaction.apply(this, given), ["complete", "abort"]); };

  const pause = ms => new Promise(resolve => realTimeout(resolve, ms));
  const settle = async () => { for (let quiet = 0; quiet < 2;) { await pause(0); quiet = busy ? 0 : quiet + 1; } };
  // step runs the next timer, if it is due within so many milliseconds.
  async function step(within) {
    if (busy) { await settle(); }
    queue.sort((a, b) => a.at - b.at || a.id - b.id);
    if (!queue.length || queue[0].at > t + within) { t += within; return within; }
    const timer = queue.shift(), passed = Math.max(0, timer.at - t);
    t += passed;
    timer.run(...timer.given);
    await Promise.resolve();
    if (busy) { await settle(); }
    return passed;
  }
  window.clock = {
    get now() { return t; },
    get changes() { return changes; },
    skew(ms) { skew = ms; },
    settle,
    // changeSlides goes on until so many slides were changed. The page may load itself anew before.
    async changeSlides(n) { for (const end = changes + n; changes < end;) { await step(60000); } await settle(); return changes; },
    async advance(ms) { for (let left = ms; left > 0;) { left -= await step(left); } await settle(); return t; },
    // until goes on until something holds, at most so long, and returns how long it took.
    async until(holds, most) { const from = t; while (!holds() && t - from < most) { await pause(0); await step(250); } await settle(); return holds() ? t - from : -1; },
  };
})();
