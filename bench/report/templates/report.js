"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const read = (id) => JSON.parse(byId(id).textContent);
  document.documentElement.classList.add("alive");

  /* Results: sorted, filtered, a page at a time. */
  const PAGE = 100;
  const VERDICT = 3;
  const data = read("data");
  const bounds = read("bounds-data");
  const table = byId("results-table");
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const words = data.rows.map((row) => row.join(" ").toLowerCase());
  const filters = { 1: byId("filter-setting"), [VERDICT]: byId("filter-verdict") };
  let order = data.rows.map((_, at) => at);
  let found = order;
  let from = 0;

  const element = (name, text, of) => {
    const made = document.createElement(name);
    made.textContent = text;
    if (of) made.className = of;
    return made;
  };

  const rowOf = (at) => {
    const row = document.createElement("tr");
    data.rows[at].forEach((text, column) => {
      const cell = document.createElement(column ? "td" : "th");
      if (column === 0) {
        cell.scope = "row";
        const button = element("button", "", "open");
        button.type = "button";
        button.append(element("span", text, "name"));
        button.dataset.open = at;
        cell.append(button);
      } else if (column === 1) cell.append(element("span", text, "name"));
      else if (column === VERDICT) cell.append(element("span", text, "verdict " + text));
      else cell.textContent = text;
      row.append(cell);
    });
    return row;
  };

  const show = (size = PAGE) => {
    body.replaceChildren(...found.slice(from, from + size).map(rowOf));
    const end = Math.min(from + size, found.length);
    const part = found.length > size ? `, ${from + 1} to ${end} shown` : "";
    byId("shown").textContent = `${found.length} of ${data.rows.length} results${part}`;
    byId("before").disabled = from === 0;
    byId("after").disabled = end >= found.length;
  };

  const filter = () => {
    const text = byId("filter-text").value.trim().toLowerCase();
    const family = byId("filter-family").value;
    const chosen = Object.entries(filters).filter(([, select]) => select.value);
    found = order.filter(
      (at) =>
        words[at].includes(text) &&
        (!family || data.families[at] === family) &&
        chosen.every(([column, select]) => data.rows[at][column] === select.value)
    );
    from = 0;
    show();
  };

  const key = (text) => (Number.isNaN(parseFloat(text)) ? Infinity : parseFloat(text));
  const sort = (column) => {
    const head = heads[column];
    const up = head.ariaSort !== "ascending";
    const text = "words" in head.dataset;
    const keys = data.rows.map((row) => (text ? row[column] : key(row[column])));
    const less = text
      ? (a, b) => a.localeCompare(b, "en", { numeric: true })
      : (a, b) => (a === b ? 0 : a === Infinity ? 1 : b === Infinity ? -1 : up ? a - b : b - a);
    const sign = text && !up ? -1 : 1;
    heads.forEach((each) => (each.ariaSort = "none"));
    head.ariaSort = up ? "ascending" : "descending";
    order = data.rows.map((_, at) => at).sort((a, b) => sign * less(keys[a], keys[b]) || a - b);
    filter();
  };

  heads.forEach((head, column) => head.firstChild.addEventListener("click", () => sort(column)));
  const form = byId("result-filters");
  byId("filter-text").addEventListener("input", filter);
  form.querySelectorAll("select").forEach((each) => each.addEventListener("change", filter));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  const turn = (by) => {
    from = Math.max(0, from + by);
    show();
    table.scrollIntoView({ block: "start" });
  };
  byId("before").addEventListener("click", () => turn(-PAGE));
  byId("after").addEventListener("click", () => turn(PAGE));
  window.addEventListener("beforeprint", () => { from = 0; show(2000); });
  window.addEventListener("afterprint", () => show());
  show();

  /* Settings side by side: a column by choice, sorted, filtered, a page at a time. */
  const besides = (side) => {
    const table = byId("side-table");
    const heads = [...table.tHead.rows[0].cells];
    const choice = byId("side-column");
    const rule = byId("side-filter");
    const search = byId("side-text");
    const names = side.instances.map((name) => name.toLowerCase());
    let order = side.instances.map((_, at) => at);
    let found = order;
    let from = 0;
    let sorted = null;
    const column = () => side.columns[Number(choice.value)];

    const rowOf = (at) => {
      const row = document.createElement("tr");
      const head = document.createElement("th");
      head.scope = "row";
      const link = document.createElement("a");
      link.href = "#bounds";
      link.dataset.bounds = side.instances[at];
      link.append(element("span", side.instances[at], "name"));
      head.append(link);
      row.append(head);
      column().cells[at].forEach(([value = "", spread = "", ratio = "", colour = ""], k) => {
        const cell = document.createElement("td");
        if (side.rows[at][k].length) {
          const button = element("button", value, "open");
          button.type = "button";
          button.dataset.open = side.rows[at][k];
          cell.append(button);
        } else cell.textContent = value;
        if (spread) cell.append(element("small", spread));
        row.append(cell);
        if (k) {
          const factor = document.createElement("td");
          factor.className = "factor";
          factor.hidden = column().words;
          factor.append(element("span", ratio || "–", "ratio " + colour));
          row.append(factor);
        }
      });
      return row;
    };

    const show = (size = PAGE) => {
      table.tBodies[0].replaceChildren(...found.slice(from, from + size).map(rowOf));
      const end = Math.min(from + size, found.length);
      const part = found.length > size ? `, ${from + 1} to ${end} shown` : "";
      byId("side-shown").textContent = `${found.length} of ${side.instances.length} instances${part}`;
      byId("side-before").disabled = from === 0;
      byId("side-after").disabled = end >= found.length;
    };

    const filter = () => {
      const flags = { differ: column().differs, failed: side.bad, "solved-by-one": side.one }[rule.value];
      const text = search.value.trim().toLowerCase();
      found = order.filter((at) => (!flags || flags[at]) && names[at].includes(text));
      from = 0;
      show();
    };

    const keysOf = (head) => {
      if ("words" in heads[head].dataset) return side.instances;
      const k = Math.floor(head / 2);
      const part = heads[head].classList.contains("factor") ? 5 : column().words ? 0 : 4;
      return column().cells.map((cells) => cells[k]?.[part] ?? null);
    };
    const arrange = () => {
      order = side.instances.map((_, at) => at);
      if (sorted) {
        const keys = keysOf(sorted.head);
        const less = (a, b) => {
          if (a === null || b === null) return (a === null) - (b === null);
          const sign = sorted.up ? 1 : -1;
          return sign * (typeof a === "string" ? a.localeCompare(b, "en", { numeric: true }) : a - b);
        };
        order.sort((a, b) => less(keys[a], keys[b]) || a - b);
      }
      heads.forEach((head, at) => {
        head.ariaSort = sorted?.head !== at ? "none" : sorted.up ? "ascending" : "descending";
        if (head.classList.contains("factor")) head.hidden = column().words;
      });
      byId("side-caption").textContent = column().caption;
      filter();
    };

    heads.forEach((head, at) =>
      head.firstChild.addEventListener("click", () => {
        sorted = { head: at, up: sorted?.head === at ? !sorted.up : at === 0 };
        arrange();
      })
    );
    const form = byId("side-filters");
    choice.addEventListener("change", arrange);
    rule.addEventListener("change", filter);
    search.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(() => { sorted = null; arrange(); }));
    const turn = (by) => {
      from = Math.max(0, from + by);
      show();
      table.scrollIntoView({ block: "start" });
    };
    byId("side-before").addEventListener("click", () => turn(-PAGE));
    byId("side-after").addEventListener("click", () => turn(PAGE));
    window.addEventListener("beforeprint", () => { from = 0; show(2000); });
    window.addEventListener("afterprint", () => show());
    show();
  };
  if (data.side) besides(data.side);

  /* One task: what is known of it, its other seeds, its bounds, and the end of its log. */
  const open = (at, all) => {
    const row = data.rows[at];
    byId("task-title").textContent = `${row[0]} · ${row[1]} · seed ${row[2]} · ${row[VERDICT]}`;
    byId("task-details").replaceChildren(
      ...data.labels.flatMap((label, k) => {
        const text = data.details[at][k];
        if (!text) return [];
        const pair = document.createElement("div");
        pair.append(element("dt", label), element("dd", text));
        return [pair];
      })
    );
    byId("task-seeds").replaceChildren(
      ...(all.length > 1 ? all : []).map((each) => {
        const button = element("button", `seed ${data.rows[each][2]} · ${data.rows[each][VERDICT]}`);
        button.type = "button";
        button.ariaPressed = String(each === at);
        button.addEventListener("click", () => open(each, all));
        return button;
      })
    );
    const link = byId("task-bounds");
    link.hidden = !Object.hasOwn(bounds, row[0]);
    link.dataset.bounds = row[0];
    byId("task-log").textContent = data.logs[at] || "This file does not have this log.";
    if (!byId("task").open) byId("task").showModal();
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-open]");
    const link = event.target.closest("[data-bounds]");
    if (button) {
      const all = button.dataset.open.split(",").map(Number);
      open(all[0], all);
    } else if (link) {
      byId("task").close();
      chooseBounds(link.dataset.bounds);
    } else if (event.target === byId("task")) byId("task").close();
  });
  byId("close").addEventListener("click", () => byId("task").close());

  /* Figures: what is under the pointer, or chosen by the arrow keys. */
  const tip = byId("tip");
  const digits = (value) => String(Number(value.toPrecision(4)));
  const inverse = (text) => {
    const [low, high, start, end, log] = text.split(" ").map(Number);
    return (at) => {
      const share = (at - start) / (end - start);
      return log ? low * (high / low) ** share : low + share * (high - low);
    };
  };

  const pointsOf = (curve) => {
    const points = [];
    for (const [, kind, x, y] of curve.getAttribute("d").matchAll(/([MLHV])([\d.-]+)(?:,([\d.-]+))?/g)) {
      const last = points[points.length - 1];
      if (kind === "V") last[1] = Number(x);
      else points.push([Number(x), kind === "H" ? last[1] : Number(y)]);
    }
    return points;
  };

  const enliven = (figure) => {
    const svg = figure.querySelector("svg");
    const plot = svg.querySelector(".plot");
    const xs = inverse(svg.dataset.x);
    const ys = inverse(svg.dataset.y);
    const marker = document.createElementNS(svg.namespaceURI, "circle");
    marker.classList.add("marker");
    marker.setAttribute("r", 6);
    let curves = null;
    let at = [0, -1];

    const parsed = () =>
      (curves ??= [...plot.querySelectorAll(".curve")].map((curve) => ({
        curve,
        points: pointsOf(curve),
        texts: JSON.parse(curve.dataset.texts || "[]"),
      })));
    const hide = () => { tip.hidden = true; marker.remove(); };
    const tell = ({ curve, points, texts }, k) => {
      const [x, y] = points[k];
      const text = `${curve.dataset.name}\n${texts[k] ?? `${digits(ys(y))} at ${digits(xs(x))}`}`;
      const box = svg.getBoundingClientRect();
      const scale = box.width / 600;
      marker.setAttribute("cx", x);
      marker.setAttribute("cy", y);
      plot.append(marker);
      tip.textContent = text;
      tip.hidden = false;
      const left = box.left + x * scale + 12;
      const width = document.documentElement.clientWidth;
      tip.style.left = `${window.scrollX + Math.max(4, Math.min(left, width - tip.offsetWidth - 8))}px`;
      tip.style.top = `${window.scrollY + box.top + y * scale + 14}px`;
      return text;
    };

    svg.addEventListener("pointermove", (event) => {
      const box = svg.getBoundingClientRect();
      const scale = box.width / 600;
      const x = (event.clientX - box.left) / scale;
      const y = (event.clientY - box.top) / scale;
      let best = [30 ** 2, null, 0];
      for (const each of parsed()) {
        if (each.curve.hasAttribute("hidden")) continue;
        each.points.forEach(([left, up], k) => {
          const distance = (left - x) ** 2 + (up - y) ** 2;
          if (distance < best[0]) best = [distance, each, k];
        });
      }
      if (best[1]) tell(best[1], best[2]);
      else hide();
    });
    svg.addEventListener("pointerleave", hide);
    svg.addEventListener("blur", hide);
    svg.addEventListener("keydown", (event) => {
      const moves = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
      if (event.key === "Escape") hide();
      const move = moves[event.key];
      const seen = parsed().filter((each) => !each.curve.hasAttribute("hidden") && each.points.length);
      if (!move || !seen.length) return;
      event.preventDefault();
      const k = (at[0] + move[0] + seen.length) % seen.length;
      const n = seen[k].points.length;
      at = [k, Math.min(Math.max(at[1] + move[1], 0), n - 1)];
      byId("spoken").textContent = tell(seen[k], at[1]);
    });

    figure.querySelectorAll(".legend button").forEach((button) =>
      button.addEventListener("click", () => {
        const off = button.ariaPressed === "true";
        button.ariaPressed = String(!off);
        for (const { curve } of parsed()) {
          const own = button.dataset.name
            ? curve.dataset.name === button.dataset.name
            : curve.classList.contains("c" + button.dataset.colour);
          if (own) curve.toggleAttribute("hidden", off);
        }
      })
    );
  };
  document.querySelectorAll(".figure").forEach(enliven);

  /* Bounds of a chosen instance. */
  const choice = byId("choose-bounds");
  const chooseBounds = (name) => {
    if (!choice || !Object.hasOwn(bounds, name)) return;
    choice.value = name;
    byId("bounds-shown").innerHTML = bounds[name];
    enliven(byId("figure-bounds"));
  };
  choice?.addEventListener("change", () => chooseBounds(choice.value));
})();
