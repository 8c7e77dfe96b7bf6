// Sorting and filtering of the cases (html_cases.c says what stands in the page). Without it the page is whole and readable.
"use strict";
(function () {
  function make(name, attributes, text) {
    var node = document.createElement(name);
    Object.keys(attributes || {}).forEach(function (key) {
      node.setAttribute(key, attributes[key]);
    });
    if (text !== undefined) {
      node.textContent = text;
    }
    return node;
  }

  function option(select, value, text) {
    select.appendChild(make("option", { value: value }, text));
  }

  // The values of an attribute over the rows, with how many have each; most first.
  function tally(rows, attribute, separator) {
    var counts = new Map();
    rows.forEach(function (row) {
      (row.getAttribute(attribute) || "").split(separator).forEach(function (value) {
        if (value !== "") {
          counts.set(value, (counts.get(value) || 0) + 1);
        }
      });
    });
    return Array.from(counts.entries()).sort(function (a, b) {
      return b[1] - a[1] || (a[0] < b[0] ? -1 : 1);
    });
  }

  function chooser(tools, label, all, entries) {
    var select = make("select", { "aria-label": label });
    option(select, "", all);
    entries.forEach(function (entry) {
      option(select, entry[0], entry[0] + " (" + entry[1] + ")");
    });
    if (entries.length > 0) {
      tools.appendChild(select);
    }
    return select;
  }

  function variantsOf(rows) {
    var counts = new Map();
    rows.forEach(function (row) {
      var cell = row.querySelector("summary > .v");
      if (cell) {
        counts.set(cell.textContent, (counts.get(cell.textContent) || 0) + 1);
      }
    });
    return Array.from(counts.entries());
  }

  function setUp(section) {
    var list = section.querySelector(".list");
    var heads = Array.from(section.querySelectorAll(".heads > span"));
    var rows = Array.from(list.querySelectorAll("details.case"));
    var texts = null; // what a search looks at, made when first needed
    var sorted = { column: -1, down: false };
    if (rows.length < 2) {
      return;
    }

    var tools = make("form", { class: "tools", role: "search" });
    var search = make("input", { type: "search", placeholder: "search id, input, output, reason", "aria-label": "search" });
    tools.appendChild(search);
    var result = chooser(tools, "result", "every result", tally(rows, "data-r", " "));
    var failing = chooser(tools, "failed dimension", "any dimension", tally(rows, "data-f", " ").map(function (entry) {
      return [entry[0], entry[1]];
    }));
    var variant = chooser(tools, "variant", "every variant", variantsOf(rows));
    var tag = chooser(tools, "tag", "every tag", tally(rows, "data-t", "\n").slice(0, 200));
    var order = make("select", { "aria-label": "order", class: "order" });
    tools.appendChild(order);
    var shown = make("output", {});
    tools.appendChild(shown);
    section.insertBefore(tools, list);

    function textOf(index) {
      if (texts === null) {
        texts = rows.map(function (row) {
          return row.textContent.toLowerCase();
        });
      }
      return texts[index];
    }

    function has(row, attribute, value, separator) {
      return value === "" || (row.getAttribute(attribute) || "").split(separator).indexOf(value) >= 0;
    }

    function filter() {
      var words = search.value.toLowerCase();
      var count = 0;
      rows.forEach(function (row, index) {
        var cell = variant.value === "" ? null : row.querySelector("summary > .v");
        var fits = has(row, "data-r", result.value, " ") && has(row, "data-f", failing.value, " ") &&
          has(row, "data-t", tag.value, "\n") && (cell === null || cell.textContent === variant.value) &&
          (words === "" || textOf(index).indexOf(words) >= 0);
        row.hidden = !fits;
        count += fits ? 1 : 0;
      });
      shown.textContent = count === rows.length ? count + " samples" : count + " of " + rows.length + " samples";
    }

    function keyOf(row, column) {
      if (column < 0) {
        return Number(row.getAttribute("data-o"));
      }
      var cell = row.firstElementChild.children[column];
      var value = cell.getAttribute("data-v");
      return value === null ? cell.textContent : Number(value);
    }

    // Numbers before texts, nothing last, whichever the direction.
    function compare(a, b, down) {
      var emptyA = a === "", emptyB = b === "";
      if (emptyA || emptyB) {
        return emptyA === emptyB ? 0 : emptyA ? 1 : -1;
      }
      if (typeof a !== typeof b) {
        return typeof a === "number" ? -1 : 1;
      }
      var order = a < b ? -1 : a > b ? 1 : 0;
      return down ? -order : order;
    }

    function sort(column, down) {
      sorted = { column: column, down: down };
      var keyed = rows.map(function (row) {
        return { row: row, key: keyOf(row, column), place: Number(row.getAttribute("data-o")) };
      });
      keyed.sort(function (a, b) {
        return compare(a.key, b.key, down) || a.place - b.place;
      });
      var fragment = document.createDocumentFragment();
      keyed.forEach(function (item) {
        fragment.appendChild(item.row);
      });
      list.appendChild(fragment);
      heads.forEach(function (head, index) {
        if (index === column) {
          head.setAttribute("aria-sort", down ? "descending" : "ascending");
        } else {
          head.removeAttribute("aria-sort");
        }
      });
      order.value = column + (down ? "d" : "a");
    }

    option(order, "-1a", "failures first");
    heads.forEach(function (head, column) {
      var name = head.textContent;
      if (name === "") {
        return;
      }
      option(order, column + "a", "by " + name + ", up");
      option(order, column + "d", "by " + name + ", down");
      var button = make("button", { type: "button" });
      button.addEventListener("click", function () {
        sort(column, sorted.column === column && !sorted.down);
      });
      while (head.firstChild) {
        button.appendChild(head.firstChild);
      }
      head.appendChild(button);
    });

    order.addEventListener("change", function () {
      sort(parseInt(order.value, 10), order.value.slice(-1) === "d");
    });
    [result, failing, variant, tag].forEach(function (select) {
      select.addEventListener("change", filter);
    });
    var timer = 0;
    search.addEventListener("input", function () {
      clearTimeout(timer);
      timer = setTimeout(filter, 120);
    });
    tools.addEventListener("submit", function (event) {
      event.preventDefault();
      filter();
    });
    filter();
  }

  // On paper what is folded cannot be opened: failures are, as far as paper is for.
  var opened = [];
  window.addEventListener("beforeprint", function () {
    var folded = document.querySelectorAll("details.case.fail:not([open]):not([hidden]), details.case.errored:not([open]):not([hidden])");
    opened = Array.from(folded).slice(0, 200);
    opened.forEach(function (row) {
      row.open = true;
    });
  });
  window.addEventListener("afterprint", function () {
    opened.forEach(function (row) {
      row.open = false;
    });
    opened = [];
  });

  Array.from(document.querySelectorAll("section.cases")).forEach(setUp);
})();
