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

  // Once drawn, the canvas stands in the place of the image that the server drew; paper always gets the image.
  function draw(figure) {
    var canvas = figure.querySelector(".canvas");
    var address = figure.dataset.option + (dark() ? "&theme=dark" : "");
    return fetch(address, { credentials: "same-origin" }).then(function (response) {
      if (!response.ok) { throw new Error(response.status + " " + address); }
      return response.json();
    }).then(function (drawing) {
      if (!figure.clientWidth || !drawing.height) { return; } // too narrow a screen: the table stands for the picture
      figure.dataset.drawn = "true";
      canvas.style.height = drawing.height + "px";
      var chart = window.echarts.getInstanceByDom(canvas);
      if (!chart) {
        chart = window.echarts.init(canvas, null, { renderer: "canvas" });
        new ResizeObserver(function () {
          if (canvas.clientWidth > 0) { chart.resize(); }
        }).observe(canvas);
        chart.on("click", function (event) {
          if (event.data && event.data.link) { window.location.assign(event.data.link); return; }
          if (!chart.links) { return; }
          if (event.componentType === "title") { event.dataIndex = event.componentIndex; }
          var row = event.componentType === "series" && Array.isArray(event.value) ? event.value[1] : event.dataIndex;
          var link = chart.links[row];
          if (link) { window.location.assign(link); }
        });
      }
      chart.links = drawing.links;
      chart.setOption(drawing.option, { notMerge: true });
    }).catch(function (error) { // the image stays
      delete figure.dataset.drawn;
      if (window.console) { console.warn("picture not drawn: " + error.message); }
    });
  }

  // The picture with its title and source as PNG, at twice the size.
  function save(figure) {
    var offer = figure.querySelector(".png");
    if (!offer) { return; }
    offer.hidden = false;
    offer.querySelector("button").addEventListener("click", function () {
      var image = new Image();
      image.addEventListener("load", function () {
        var paper = document.createElement("canvas");
        paper.width = 2 * image.naturalWidth;
        paper.height = 2 * image.naturalHeight;
        paper.getContext("2d").drawImage(image, 0, 0, paper.width, paper.height);
        paper.toBlob(function (blob) {
          var link = document.createElement("a");
          link.href = URL.createObjectURL(blob);
          link.download = figure.dataset.name + ".png";
          link.click();
          window.setTimeout(function () { URL.revokeObjectURL(link.href); }, 10000);
        }, "image/png");
      });
      image.src = figure.dataset.file;
    });
  }

  var figures = document.querySelectorAll("figure.picture[data-option]");
  figures.forEach(function (figure) {
    var image = figure.querySelector("img.drawn");
    if (image) {
      image.addEventListener("error", function () {
        var failed = figure.nextElementSibling;
        if (figure.dataset.drawn || !failed || !failed.classList.contains("picture-failed")) { return; }
        failed.hidden = false;
      });
    }
    save(figure);
    if (window.echarts) { draw(figure); }
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
