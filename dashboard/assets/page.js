// Draws the pictures. Everything else works without this file: links, forms and tables are the page.
(function () {
  "use strict";

  document.querySelectorAll("button.print").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });

  var preference = window.matchMedia("(prefers-color-scheme: dark)");

  function dark() {
    var chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === "dark" : preference.matches;
  }

  function draw(figure) {
    var canvas = figure.querySelector(".canvas");
    var failed = figure.nextElementSibling;
    var address = figure.dataset.option + (dark() ? "&theme=dark" : "");
    return fetch(address, { credentials: "same-origin" }).then(function (response) {
      if (!response.ok) { throw new Error(response.status + " " + address); }
      return response.json();
    }).then(function (drawing) {
      figure.hidden = false;
      if (!canvas.clientWidth) { return; } // too narrow a screen: the table stands for the picture
      canvas.style.height = drawing.height + "px";
      var chart = window.echarts.getInstanceByDom(canvas);
      if (!chart) {
        chart = window.echarts.init(canvas, null, { renderer: "canvas" });
        new ResizeObserver(function () {
          if (canvas.clientWidth > 0) { chart.resize(); }
        }).observe(canvas);
        chart.on("click", function (event) {
          var row = event.componentType === "series" && Array.isArray(event.value) ? event.value[1] : event.dataIndex;
          var link = chart.links[row];
          if (link) { window.location.assign(link); }
        });
      }
      chart.links = drawing.links;
      chart.setOption(drawing.option, { notMerge: true });
      figure.dataset.drawn = "true";
    }).catch(function (error) {
      figure.hidden = true;
      if (failed && failed.classList.contains("picture-failed")) { failed.hidden = false; }
      if (window.console) { console.warn("picture not drawn: " + error.message); }
    });
  }

  var figures = document.querySelectorAll("figure.picture[data-option]");
  figures.forEach(function (figure) {
    if (!window.echarts) {
      var failed = figure.nextElementSibling;
      if (failed && failed.classList.contains("picture-failed")) { failed.hidden = false; }
      return;
    }
    draw(figure);
  });
  window.addEventListener("resize", function () {
    figures.forEach(function (figure) {
      if (window.echarts && !figure.hidden && !figure.dataset.drawn && figure.clientWidth) { draw(figure); }
    });
  });
  preference.addEventListener("change", function () {
    if (window.echarts) { figures.forEach(draw); }
  });
})();
