// Looks at the page that is open, for the tests. It is a function of what the page should be and returns what it is.
(async function (want) {
  "use strict";
  const out = { complaints: [], tabbable: 0 };
  const complain = (...words) => { if (out.complaints.length < 12) { out.complaints.push(words.join(" ")); } };
  const visible = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && e.getClientRects().length > 0;
  const name = (e) => e.outerHTML.replace(/\s+/g, " ").slice(0, 120);
  const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));

  // The picture: every figure that is shown is drawn, and what is drawn has colours.
  const figures = Array.from(document.querySelectorAll("figure.picture[data-option]")).filter(visible);
  if (want.drawn && !document.querySelector("figure.picture[data-option]")) { complain("there is no picture"); }
  if (want.wide && want.drawn && figures.length === 0) { complain("no picture is shown"); }
  const colours = (canvas) => {
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    const seen = new Set();
    for (let i = 0; i < data.length; i += 40) { if (data[i + 3] > 0) { seen.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2]); } }
    return seen.size;
  };
  for (const figure of figures) {
    let n = 0;
    for (let tries = 0; tries < 600 && n < 4; tries++) {
      const canvas = figure.querySelector(".canvas canvas");
      n = canvas ? colours(canvas) : 0;
      if (n < 4) { await frame(); }
    }
    if (n < 4) { complain("the picture has", n, "colours, want several"); }
    if (figure.dataset.drawn !== "true") { complain("the picture was not drawn"); }
    if (!document.querySelector("#table")) { complain("the picture has no table"); }
  }

  // Nothing is wider than the screen but what scrolls by itself, and nothing moved while the page came.
  const over = document.documentElement.scrollWidth - window.innerWidth;
  if (over > 0) {
    const wide = Array.from(document.querySelectorAll("main *")).find((e) => e.getBoundingClientRect().right > window.innerWidth + 1 && !e.closest(".scroll"));
    complain("the page is", over, "px wider than the screen:", wide ? name(wide) : "?");
  }
  const shifts = await new Promise((done) => {
    const observer = new PerformanceObserver(() => {});
    observer.observe({ type: "layout-shift", buffered: true });
    setTimeout(() => done(observer.takeRecords()), 0);
  });
  const moved = shifts.filter((s) => !s.hadRecentInput).reduce((sum, s) => sum + s.value, 0);
  if (moved > 0.01) {
    complain("the page moved by", moved.toFixed(3), shifts.flatMap((s) => s.sources).map((s) => s.node && s.node.outerHTML ? name(s.node).slice(0, 60) : "?").slice(0, 3).join(" | "));
  }
  for (const image of document.images) {
    if (visible(image) && image.loading !== "lazy" && !image.naturalWidth) { complain("an image is not there:", image.src); }
  }

  // Every control takes the focus and shows it.
  const controls = Array.from(document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")).filter((e) => visible(e) && !e.disabled);
  for (const e of controls) {
    if (e.tabIndex < 0) { complain("the keyboard does not reach", name(e)); continue; }
    if (want.focus) {
      e.focus({ preventScroll: true, focusVisible: true });
      const style = getComputedStyle(e);
      if (document.activeElement !== e) { complain("takes no focus:", name(e)); }
      else if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) { complain("does not show the focus:", name(e), style.outlineStyle, style.outlineWidth); }
    }
  }
  out.tabbable = controls.length;
  if (document.activeElement) { document.activeElement.blur(); }

  // Links that are not among words are large enough for a finger.
  if (!want.wide) {
    for (const e of document.querySelectorAll("nav.menu > a, nav.menu summary, form.controls button, form.controls select, .decide button")) {
      if (visible(e) && e.getBoundingClientRect().height < 43.5) { complain("smaller than a finger:", name(e), e.getBoundingClientRect().height); }
    }
  }

  // The numbers of the table are those of the files.
  const numbersOf = (text) => (text.match(/[−-]?\d[\d,]*(\.\d+)?%?/g) || []).map((s) => s.replace(/,/g, "").replace("−", "-"));
  const known = {}; // agency → what its rows in a file hold
  const gather = (value, into) => {
    if (Array.isArray(value)) { value.forEach((v) => gather(v, into)); return; }
    if (value === null || typeof value !== "object") {
      if (typeof value === "number") { into.numbers.push(value); }
      if (typeof value === "string") {
        numbersOf(value).forEach((s) => into.texts.add(s));
        if (/^-?\d+(\.\d+)?$/.test(value)) { into.numbers.push(Number(value)); }
      }
      return;
    }
    const id = value.agency && value.agency.agency || value.agency;
    if (typeof id === "string") { into = known[id] = known[id] || { numbers: [], texts: new Set() }; }
    Object.values(value).forEach((v) => gather(v, into));
  };
  const rows = Array.from(document.querySelectorAll("tr[data-agency]"));
  for (const address of rows.length && want.files ? want.files : []) {
    Object.keys(known).forEach((k) => delete known[k]);
    const answer = await fetch(address);
    if (!answer.ok) { complain(address, "answers", answer.status); continue; }
    gather(await answer.json(), { numbers: [], texts: new Set() });
    let compared = 0;
    for (const row of rows) {
      const file = known[row.dataset.agency];
      if (!file) { complain(address, "lacks", row.dataset.agency); continue; }
      for (const cell of row.querySelectorAll("td.main, td.xn, td.num:not(.quiet)")) {
        const shown = cell.cloneNode(true);
        shown.querySelectorAll("sup, .rank").forEach((e) => e.remove());
        for (const text of numbersOf(shown.textContent)) {
          const decimals = (text.replace("%", "").split(".")[1] || "").length;
          const near = (n) => Math.abs(n - parseFloat(text)) < 0.5000001 * Math.pow(10, -decimals);
          if (!file.texts.has(text) && !file.numbers.some((n) => near(n) || text.endsWith("%") && near(100 * n))) {
            complain(row.dataset.agency, "shows", cell.textContent.trim(), "and", address, "has no", text);
          }
          compared++;
        }
      }
    }
    out.compared = compared;
  }

  // What a reader of the screen finds.
  if (want.axe && window.axe) {
    const found = await axe.run(document, { resultTypes: ["violations"] });
    for (const v of found.violations) {
      if (v.impact === "serious" || v.impact === "critical") {
        complain("axe", v.id, v.help, v.nodes.length, "times:", v.nodes[0].html.slice(0, 160), v.nodes[0].any.concat(v.nodes[0].all).map((c) => c.message).join("; ").slice(0, 200));
      }
    }
  }
  window.scrollTo(0, 0);
  return JSON.stringify(out);
})
