// Shows masked events with rrweb's replayer, one moment at a time. No clock of the machine is looked at: what is shown
// depends on the events and on the moment asked for. Evaluated in page.html after rrweb; it returns the player.
(() => {
  "use strict";
  const FOOTER_PX = 32;
  const SETTLE_MS = 1000;
  const FULL_SNAPSHOT = 2;
  // What would take time (transitions, smooth scrolling) is at its end at once; what was hidden looks like it.
  const HATCH = "repeating-linear-gradient(45deg, #c9ccd1 0 8px, #d9dbdf 8px 16px)";
  const RULES = [
    "*, *::before, *::after { transition: none !important; scroll-behavior: auto !important;" +
      " caret-color: transparent !important; }",
    `[data-user-intel-box] { background: ${HATCH} !important; color: transparent !important; }`,
    "[data-user-intel-box] * { visibility: hidden !important; }",
    `canvas, video, object, embed { background: ${HATCH}; }`,
    // Where no script may run, a canvas is no picture and has no size of its own.
    "canvas { display: inline-block; width: attr(width px, 300px); height: attr(height px, 150px); }",
  ];
  const element = (id) => document.getElementById(id);
  const text = (selector, words) => (document.querySelector(selector).textContent = words);
  const tabs = new Map();
  // Events that rrweb could not apply.
  const counts = { failed: 0 };
  // When each animation was first seen, in the session's time.
  const began = new WeakMap();

  class Tab {
    constructor(at) {
      this.root = document.createElement("div");
      this.root.className = "tab";
      element("stage").appendChild(this.root);
      // rrweb asks its first event for the time, so there has to be one.
      const first = { type: 5, timestamp: at, data: { tag: "", payload: {} } };
      const silent = { log() {}, warn() {} };
      this.replayer = new rrweb.Replayer([first], {
        root: this.root, liveMode: true, useVirtualDom: false, mouseTail: false, showWarning: false,
        insertStyleRules: RULES, logger: silent,
      });
      this.width = 1280;
      this.height = 768;
      this.replayer.on("resize", (size) => Object.assign(this, size));
    }

    // rrweb's own way to seek, without the list of all events that it keeps for seeking back.
    apply(events) {
      for (const event of events) {
        try {
          this.replayer.applyEventsSynchronously([event]);
        } catch {
          // Of a recording that contradicts itself, the rest is drawn.
          counts.failed += 1;
        }
      }
      try {
        this.replayer.emitter.emit("flush");
      } catch {
        counts.failed += 1;
      }
    }

    get document() {
      return this.replayer.iframe.contentDocument;
    }

    fit(width, height) {
      this.replayer.handleResize({ width: this.width, height: this.height });
      this.scale = Math.min(width / this.width, height / this.height, 1);
      this.left = Math.round((width - this.width * this.scale) / 2);
      this.root.style.transform = `translate(${this.left}px, 0) scale(${this.scale})`;
      this.root.style.width = `${this.width}px`;
      this.root.style.height = `${this.height}px`;
    }

    // Where a point of the document that node `id` stands in lies in the video.
    place(point) {
      let { x, y } = point;
      let view = this.replayer.getMirror().getNode(point.id)?.ownerDocument?.defaultView;
      while (view && view !== this.replayer.iframe.contentWindow && view.frameElement) {
        const frame = view.frameElement;
        const box = frame.getBoundingClientRect();
        const scale = frame.offsetWidth ? box.width / frame.offsetWidth : 1;
        x = (x + frame.clientLeft) * scale + box.left;
        y = (y + frame.clientTop) * scale + box.top;
        view = frame.ownerDocument.defaultView;
      }
      return { x: x * this.scale + this.left, y: y * this.scale };
    }
  }

  function* documents(tab) {
    const left = [tab.document];
    while (left.length) {
      const found = left.pop();
      if (!found) continue;
      yield found;
      for (const frame of found.querySelectorAll("iframe")) left.push(frame.contentDocument);
    }
  }

  // Puts every animation to the session's time; whether one goes on after it.
  function animate(tab, at) {
    let goesOn = false;
    for (const found of documents(tab)) {
      for (const animation of found.getAnimations()) {
        if (!began.has(animation)) began.set(animation, at);
        animation.pause();
        animation.currentTime = at - began.get(animation);
        const end = animation.effect?.getComputedTiming().endTime ?? 0;
        goesOn ||= animation.currentTime < end;
      }
    }
    return goesOn;
  }

  // Fonts and pictures that the events carry are decoded beside the script.
  async function settle(tab) {
    const waited = [];
    for (const found of documents(tab)) {
      if (found.fonts?.status === "loading") waited.push(found.fonts.ready);
      for (const image of found.images) if (!image.complete) waited.push(image.decode().catch(() => {}));
    }
    if (!waited.length) return;
    await Promise.race([Promise.all(waited), new Promise((resolve) => setTimeout(resolve, SETTLE_MS))]);
  }

  function point(tab, moment) {
    const pointer = element("pointer");
    pointer.hidden = !moment.pointer;
    if (moment.pointer) {
      const { x, y } = tab.place(moment.pointer);
      pointer.className = moment.pointer.touch ? "touch" : "";
      Object.assign(pointer.style, { left: `${x}px`, top: `${y}px` });
    }
    const rings = moment.presses.map((press) => {
      const { x, y } = tab.place(press);
      const ring = document.createElement("div");
      ring.className = "press";
      if (press.count > 1) ring.dataset.count = `×${press.count}`;
      Object.assign(ring.style, { left: `${x}px`, top: `${y}px` });
      return ring;
    });
    element("presses").replaceChildren(...rings);
  }

  function apply(batch) {
    const byTab = new Map();
    for (const [tab, event] of batch) {
      if (!tabs.has(tab)) {
        if (event.type !== FULL_SNAPSHOT && event.type !== 4) continue;
        tabs.set(tab, new Tab(event.timestamp));
      }
      if (!byTab.has(tab)) byTab.set(tab, []);
      byTab.get(tab).push(event);
    }
    for (const [tab, events] of byTab) tabs.get(tab).apply(events);
  }

  // Draws a moment; whether the next one differs even if nothing happens until then.
  async function show(moment) {
    const current = tabs.get(moment.tab);
    for (const tab of tabs.values()) tab.root.hidden = tab !== current;
    let goesOn = false;
    if (current) {
      current.fit(innerWidth, innerHeight - FOOTER_PX);
      if (moment.changed) await settle(current);
      goesOn = animate(current, moment.at);
      point(current, moment);
    }
    text("#caption", moment.caption);
    text(".clock", moment.clock);
    text(".step", moment.step);
    text(".doing", moment.doing);
    text(".speed", moment.speed);
    return goesOn;
  }

  // The text of everything that is drawn, as a reader of the page's source would find it; for tests.
  function source() {
    const found = [...tabs.values()].flatMap((tab) => [...documents(tab)].map((page) => page.documentElement.outerHTML));
    return found.concat(element("footer").outerHTML).join("\n");
  }

  return { apply, show, source, tabs, counts };
})();
