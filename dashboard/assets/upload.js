// Sends files in groups, shows how far it is, and lets files be dropped. Without it the form sends all at once.
(function () {
  "use strict";
  var form = document.querySelector("form.upload");
  if (!form || !window.FormData) { return; }
  var input = form.querySelector("input[type=file]");
  var drop = form.querySelector(".drop");
  var line = form.querySelector(".progress");
  var bar = form.querySelector("progress");
  var results = document.querySelector(".results");
  var body = results.querySelector("tbody");
  var groupFiles = 20;
  var groupBytes = 32 * 1024 * 1024;

  ["dragenter", "dragover"].forEach(function (name) {
    drop.addEventListener(name, function (event) { event.preventDefault(); drop.classList.add("over"); });
  });
  ["dragleave", "drop"].forEach(function (name) {
    drop.addEventListener(name, function () { drop.classList.remove("over"); });
  });
  drop.addEventListener("drop", function (event) {
    event.preventDefault();
    input.files = event.dataTransfer.files;
  });

  function groups(files) {
    var all = [], group = [], bytes = 0;
    files.forEach(function (file) {
      if (group.length && (group.length >= groupFiles || bytes + file.size > groupBytes)) { all.push(group); group = []; bytes = 0; }
      group.push(file);
      bytes += file.size;
    });
    if (group.length) { all.push(group); }
    return all;
  }

  function show(list) {
    results.hidden = false;
    list.forEach(function (r) {
      var row = body.insertRow();
      [r.file, r.result].forEach(function (text) { row.insertCell().textContent = text; });
      var report = row.insertCell();
      if (r.href) {
        var a = document.createElement("a");
        a.href = r.href;
        a.textContent = r.report;
        report.appendChild(a);
      } else { report.textContent = r.report || ""; }
      row.insertCell().textContent = r.note || "";
    });
    results.querySelector("h2").textContent = results.querySelector("h2").textContent.replace(/\d+/, body.rows.length);
  }

  function send(group, done, total, bytes) {
    return new Promise(function (resolve, reject) {
      var data = new FormData();
      ["csrf", "person"].forEach(function (name) { if (form.elements[name]) { data.append(name, form.elements[name].value); } });
      group.forEach(function (file) { data.append("files", file, file.name); });
      var request = new XMLHttpRequest();
      request.open("POST", form.action);
      request.setRequestHeader("Accept", "application/json");
      request.upload.onprogress = function (event) { bar.value = (bytes.sent + event.loaded) / bytes.all; };
      request.onerror = function () { reject(new Error(form.dataset.broken)); };
      request.onload = function () {
        var answer = {};
        try { answer = JSON.parse(request.responseText); } catch (e) { /* below */ }
        if (!answer.results) { reject(new Error(answer.detail || form.dataset.broken)); return; }
        show(answer.results);
        resolve();
      };
      request.send(data);
    });
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    var files = Array.prototype.slice.call(input.files);
    var bytes = { sent: 0, all: files.reduce(function (n, f) { return n + f.size; }, 1) };
    var done = 0;
    var button = form.querySelector("button");
    button.disabled = true;
    line.hidden = bar.hidden = false;
    line.textContent = form.dataset.busy;
    groups(files).reduce(function (before, group) {
      return before.then(function () { return send(group, done, files.length, bytes); }).then(function () {
        done += group.length;
        group.forEach(function (f) { bytes.sent += f.size; });
        line.textContent = form.dataset.progress.replace("%d", done).replace("%d", files.length);
      });
    }, Promise.resolve()).then(function () { form.querySelector("input[type=file]").value = ""; }, function (error) {
      line.textContent = error.message;
    }).then(function () { button.disabled = false; bar.hidden = true; });
  });
}());
