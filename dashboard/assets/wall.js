"use strict";
// The page of a wall display. It asks the server for its state, holds the finished pictures of that state and of no other,
// and shows them one after the other in two layers, so that the page stays the same size for months. What it shows last is
// kept in the browser's store for a start without a server.
(() => {
  const second = 1000, minute = 60 * second, day = 24 * 60 * minute;
  const pollEvery = 60 * second, patience = 10 * second;
  const firstRetry = 5 * second, lastRetry = 60 * second;
  const zone = 8 * 60 * minute; // China
  const shiftEvery = 10 * minute;
  const shifts = [[0, 0], [4, 0], [4, 4], [0, 4], [2, 2]];

  const byId = id => document.getElementById(id);
  const words = JSON.parse(document.body.dataset.words);
  const base = location.pathname.replace(/\/+$/, "");
  const frozen = Number(new URLSearchParams(location.search).get("slide")) || 0;
  const canvas = byId("canvas"), layers = [byId("a"), byId("b")];

  let board = null;          // the state that is shown
  let tag = "";              // its ETag
  let pictures = new Map();  // addresses of the pictures of the board, by hash
  let texts = new Map();     // the pictures themselves, to be kept
  let front = 0, at = -1, changed = 0;
  let errors = 0, missed = 0, missedInRow = 0;
  let brokenSince = 0, databaseSince = 0, contact = 0;
  let gone = false;
  let server = Date.now(), mono = performance.now(); // the server's clock, when it last told

  // The clock of the server. That of the display may be set while we run: it is not asked.
  const now = () => server + (performance.now() - mono);
  const clockOf = t => new Date(t + zone).toISOString().slice(11, 16);
  const minuteOf = t => Math.floor((t + zone) % day / minute);
  const say = (text, value) => text.replace(/%[sd]/, value);

  function put(element, text) {
    if (element.textContent !== text) { element.textContent = text; }
    const hide = text === "";
    if (element.hidden !== hide) { element.hidden = hide; }
  }

  addEventListener("error", () => { errors++; });
  addEventListener("unhandledrejection", () => { errors++; });

  // store is the one record that the browser keeps for this display.
  const store = {
    open() {
      return new Promise((resolve, reject) => {
        const request = indexedDB.open("nianbao-wall", 1);
        request.onupgradeneeded = () => request.result.createObjectStore("boards");
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    },
    async do(mode, act) {
      const db = await this.open();
      try {
        return await new Promise((resolve, reject) => {
          const done = db.transaction("boards", mode);
          const request = act(done.objectStore("boards"));
          done.oncomplete = () => resolve(request.result);
          done.onerror = done.onabort = () => reject(done.error);
        });
      } finally { db.close(); }
    },
    read() { return this.do("readonly", boards => boards.get(base)).catch(() => undefined); },
    // Without room or permission the display works all the same, until the power goes.
    write(record) { return this.do("readwrite", boards => boards.put(record, base)).catch(() => undefined); },
    clear() { return this.do("readwrite", boards => boards.delete(base)).catch(() => undefined); },
  };
  const noteContact = () => { try { localStorage.setItem("wall-contact" + base, String(contact)); } catch { /* no store */ } };

  // fit scales the canvas to the window, with bars where the shapes differ, and moves it a little from time to time.
  function fit() {
    if (!board) { return; }
    const scale = Math.min(innerWidth / board.width, innerHeight / board.height);
    const [dx, dy] = shifts[Math.floor(now() / shiftEvery) % shifts.length];
    const x = (innerWidth - board.width * scale) / 2, y = (innerHeight - board.height * scale) / 2;
    const transform = `translate(${x.toFixed(2)}px, ${y.toFixed(2)}px) scale(${scale.toFixed(5)}) translate(${dx}px, ${dy}px)`;
    if (canvas.style.transform !== transform) { canvas.style.transform = transform; }
  }

  function dim() {
    const {from, to, percent} = board.dim, m = minuteOf(now());
    const inside = from < to ? m >= from && m < to : from !== to && (m >= from || m < to);
    const opacity = inside ? String(percent / 100) : "1";
    if (canvas.style.opacity !== opacity) { canvas.style.opacity = opacity; }
  }

  // layout puts in place what depends on the board.
  function layout() {
    document.documentElement.dataset.theme = board.theme;
    Object.assign(canvas.style, {width: board.width + "px", height: board.height + "px", fontSize: board.text + "px"});
    const s = board.side;
    Object.assign(byId("side").style, {left: s.x + "px", top: s.y + "px", width: s.w + "px", height: s.h + "px"});
    fit();
  }

  function tell() {
    if (gone) { put(byId("message"), words.gone); return; }
    put(byId("message"), board ? "" : words.waiting);
    put(byId("clock"), board ? clockOf(now()) : "");
    put(byId("place"), board && at >= 0 ? `${at + 1}/${board.slides.length}` : "");
    put(byId("offline"), brokenSince ? "▲ " + say(words.offline, clockOf(brokenSince)) + (contact ? "\n" + say(words.showing, clockOf(contact)) : "") : "");
    put(byId("database"), databaseSince && !brokenSince ? "▲ " + say(words.database, clockOf(databaseSince)) : "");
    const days = board && board.loaded ? Math.floor((now() - board.loaded) / day) : 0;
    put(byId("stale"), board && days >= board.stale ? "▲ " + say(words.stale, days) : "");
  }

  function progress() {
    const share = board && at >= 0 && !frozen ? Math.min(1, (performance.now() - changed) / (board.slides[at].seconds * second)) : 0;
    byId("progress").style.transform = `scaleX(${share.toFixed(3)})`;
  }

  // show puts a slide into the layer that is not seen, and that layer in front once the picture is ready.
  async function show(index) {
    at = index;
    changed = performance.now();
    const slide = board.slides[at], next = layers[1 - front];
    next.alt = slide.text;
    const address = pictures.get(slide.hash), turn = ++turns;
    next.src = address;
    try { await next.decode(); } catch {
      if (turn !== turns) { return; } // another one was put in its place
      errors++;
    }
    if (turn !== turns) { return; }
    for (const layer of layers) { layer.classList.toggle("front", layer === next); }
    front = layers.indexOf(next);
    tell();
  }
  let turns = 0;

  let changing = 0;
  function change() {
    clearTimeout(changing);
    if (!board || gone) { return; }
    const wanted = frozen ? Math.min(frozen, board.slides.length) - 1 : (at + 1) % board.slides.length;
    const seconds = board.slides[wanted].seconds;
    changing = setTimeout(change, seconds * second);
    show(wanted);
  }

  // adopt makes a state the one that is shown, with its pictures. Those of the state before are let go.
  function adopt(state, drawn) {
    const addresses = new Map();
    for (const [hash, text] of drawn) {
      addresses.set(hash, pictures.get(hash) || URL.createObjectURL(new Blob([text], {type: "image/svg+xml"})));
    }
    const before = pictures, shown = board && at >= 0 ? board.slides[at].hash : "";
    board = state;
    pictures = addresses;
    texts = drawn;
    layout();
    const same = board.slides.findIndex(slide => slide.hash === shown);
    if (same >= 0) { at = same; } else { at = Math.max(-1, Math.min(at, board.slides.length) - 1); change(); }
    for (const [hash, address] of before) {
      if (!addresses.has(hash)) { URL.revokeObjectURL(address); }
    }
  }

  async function get(address, headers) {
    const control = new AbortController();
    const timer = setTimeout(() => control.abort(), patience);
    try {
      return await fetch(address, {headers, cache: "no-store", credentials: "same-origin", redirect: "error", signal: control.signal});
    } finally { clearTimeout(timer); }
  }

  function condition() {
    const parts = {page: document.body.dataset.page, slide: at + 1, errors, missed, width: innerWidth, height: innerHeight, nodes: document.getElementsByTagName("*").length};
    if (performance.memory) { parts.heap = performance.memory.usedJSHeapSize; }
    return Object.entries(parts).map(([name, value]) => `${name}=${value}`).join(";");
  }

  // ask gets the state and its pictures. It returns how long until the next time.
  async function ask() {
    const headers = {"X-Display": condition()};
    if (tag) { headers["If-None-Match"] = tag; }
    const answer = await get(base + "/state.json", headers);
    if (answer.status === 410 || answer.status === 404) {
      gone = true;
      board = null;
      await store.clear();
      tell();
      return pollEvery;
    }
    if (answer.status !== 200 && answer.status !== 304) { throw new Error("status " + answer.status); }
    const date = Date.parse(answer.headers.get("Date"));
    if (answer.status === 200) {
      const state = await answer.json();
      const drawn = new Map();
      for (const {hash} of state.slides) {
        if (drawn.has(hash)) { continue; }
        let text = texts.get(hash);
        if (text === undefined) {
          const picture = await get(`${base}/slide/${hash}.svg`);
          if (picture.status !== 200) { throw new Error("status " + picture.status); }
          text = await picture.text();
        }
        drawn.set(hash, text);
      }
      if (gone) { gone = false; }
      if (!board || state.database || !sameSlides(state, board)) { await store.write({state, drawn: [...drawn]}); }
      tag = answer.headers.get("ETag") || "";
      adopt(state, drawn);
    }
    if (date) { server = date; mono = performance.now(); }
    contact = now();
    noteContact();
    missedInRow = 0;
    brokenSince = 0;
    databaseSince = board.database ? 0 : databaseSince || now();
    return board.database ? pollEvery : firstRetry;
  }

  const sameSlides = (a, b) => a.slides.map(s => s.hash).join() === b.slides.map(s => s.hash).join();

  async function poll() {
    let wait;
    try {
      wait = await ask();
    } catch {
      missed++;
      missedInRow++;
      if (missedInRow === 1) { firstMissed = now(); }
      if (missedInRow >= 2 || !tag) { brokenSince = brokenSince || firstMissed; }
      // A server that is started again is back within minutes: for so long we ask often. After that it is rather the network.
      const longer = Math.max(0, Math.floor((now() - firstMissed) / (5 * minute)));
      wait = Math.min(lastRetry, firstRetry * 2 ** longer) * (0.8 + 0.4 * Math.random());
    }
    tell();
    setTimeout(poll, wait);
    if (board && missedInRow === 0 && !gone) { renew(); }
  }
  let firstMissed = 0;

  // renew loads the page anew once a night, and when the server has another version of it: only with the server at hand,
  // for a page that cannot be loaded would leave the screen empty. The browser stays in full screen.
  function renew() {
    const spread = [...base].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 20, 0); // not all displays at once
    const since = ((minuteOf(now()) - board.reload - spread + 10) % 1440 + 1440) % 1440;
    const today = new Date(now() + zone).toISOString().slice(0, 10);
    const nightly = since < 5 ? today : "", other = board.page !== document.body.dataset.page ? board.page : "";
    try {
      if (nightly && sessionStorage.getItem("wall-night") !== nightly) {
        sessionStorage.setItem("wall-night", nightly);
      } else if (other && sessionStorage.getItem("wall-page") !== other) {
        sessionStorage.setItem("wall-page", other);
      } else { return; }
    } catch { return; } // without a store it would go on and on
    location.reload();
  }

  function tick() {
    if (board) { fit(); dim(); }
    tell();
    progress();
    setTimeout(tick, second);
  }

  async function begin() {
    const record = await store.read();
    try { contact = Number(localStorage.getItem("wall-contact" + base)) || 0; } catch { /* no store */ }
    if (record && record.state && record.drawn) {
      at = -1;
      adopt(record.state, new Map(record.drawn));
    }
    addEventListener("resize", fit);
    tick();
    poll();
    if (navigator.serviceWorker) { navigator.serviceWorker.register("/wall/worker.js", {scope: "/wall/"}).catch(() => undefined); }
  }
  begin();
})();
