// What the browser does without asking the server: menus, the drawer, shortcuts, and noticing the end of a list.
(() => {
  const root = document.documentElement;
  const watchers = new WeakMap();

  window.crm = {
    focus(selector) {
      const element = document.querySelector(selector);
      element?.focus();
      if (early && element?.matches('input')) {
        element.value += early.keys;
        if (early.keys) element.dispatchEvent(new Event('input', { bubbles: true }));
        if (early.enter) element.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
        early = null;
      }
    },
    reveal(selector) {
      document.querySelector(selector)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    },
    // A pad to sign on; the picture is handed over when the pen has rested for a moment.
    sign(canvas, owner) {
      const pen = canvas?.getContext('2d');
      if (!pen) return;
      let timer = 0, drawing = false;
      Object.assign(pen, { lineWidth: 2.2, lineCap: 'round', lineJoin: 'round', strokeStyle: '#10151d', fillStyle: '#10151d' });
      const at = e => {
        const box = canvas.getBoundingClientRect();
        return [(e.clientX - box.left) * canvas.width / box.width, (e.clientY - box.top) * canvas.height / box.height];
      };
      canvas.handOver = () => owner.invokeMethodAsync('DrawnAsync', canvas.toDataURL('image/png')).catch(() => { });
      canvas.addEventListener('pointerdown', e => {
        drawing = true;
        clearTimeout(timer);
        timer = 0;
        canvas.setPointerCapture(e.pointerId);
        pen.beginPath();
        pen.moveTo(...at(e));
        e.preventDefault();
      });
      canvas.addEventListener('pointermove', e => {
        if (!drawing) return;
        pen.lineTo(...at(e));
        pen.stroke();
      });
      const handOver = () => {
        if (!timer) return;
        clearTimeout(timer);
        timer = 0;
        canvas.handOver();
      };
      const rest = () => {
        if (!drawing) return;
        drawing = false;
        timer = setTimeout(handOver, 1200);
      };
      canvas.addEventListener('pointerup', rest);
      canvas.addEventListener('pointercancel', rest);
      // Whoever goes on to something else, such as saving, has signed.
      const leave = event => {
        if (!canvas.isConnected) for (const kind of ['pointerdown', 'keydown']) document.removeEventListener(kind, leave, true);
        else if (event.target !== canvas) handOver();
      };
      for (const kind of ['pointerdown', 'keydown']) document.addEventListener(kind, leave, true);
    },
    signText(canvas, name) {
      const pen = canvas?.getContext('2d');
      if (!pen) return;
      pen.clearRect(0, 0, canvas.width, canvas.height);
      pen.font = 'italic 44px "Segoe Script", "Bradley Hand", "KaiTi", cursive';
      pen.fillText(name, 24, 100, canvas.width - 48);
      canvas.handOver?.();
    },
  };

  window.crmMore = {
    attach(element, owner) {
      const observer = new IntersectionObserver(async entries => {
        if (!entries.some(e => e.isIntersecting)) return;
        observer.unobserve(element);
        try { await owner.invokeMethodAsync('ReachedAsync'); } catch { return; }
        // Still near the end after the page has arrived? Then this fires at once.
        if (element.isConnected) observer.observe(element);
      }, { root: window.crmParts.scroller(element.parentElement), rootMargin: '600px' });
      observer.observe(element);
      watchers.set(element, observer);
    },
    detach(element) {
      if (element) watchers.get(element)?.disconnect();
    },
  };

  // The server has forgotten this page, for example because it was started anew. Where nobody has typed anything, begin again by itself.
  const connection = document.getElementById('components-reconnect-modal');
  if (connection) {
    const broken = document.getElementById('blazor-error-ui');
    const missed = new Set();
    const isLost = () => connection.matches('.components-reconnect-show, .components-reconnect-failed, .components-reconnect-rejected');
    const look = () => {
      if (connection.classList.contains('components-reconnect-rejected') && !document.querySelector('[data-testid=save-bar]')) location.reload();
      // What fails while the connection is away fails for that reason, which is said already.
      if (isLost()) { if (broken?.style.display) broken.style.display = ''; return; }
      // What was typed meanwhile has reached nobody: say it again.
      for (const box of missed) {
        if (box.isConnected) for (const kind of ['input', 'change']) box.dispatchEvent(new Event(kind, { bubbles: true }));
      }
      missed.clear();
    };
    new MutationObserver(look).observe(connection, { attributeFilter: ['class'] });
    if (broken) new MutationObserver(look).observe(broken, { attributeFilter: ['style'] });
    document.addEventListener('input', event => { if (isLost()) missed.add(event.target); }, true);
  }

  // Pasting beside a field of files is choosing them there.
  document.addEventListener('paste', event => {
    const box = event.target instanceof Element ? event.target.closest('[data-file-box]') : null;
    const input = box?.querySelector('input[type=file]');
    if (!input || !event.clipboardData?.files.length) return;
    event.preventDefault();
    input.files = event.clipboardData.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  });

  // A page that is loaded anew over a lost connection or in another language offers what was typed again: the browser need not ask. It is asked in the order of listeners, so this one comes first.
  let keepsAll = false;
  addEventListener('beforeunload', event => { if (keepsAll) event.stopImmediatePropagation(); });

  const openMenus = () => document.querySelectorAll('details.menu[open]');

  document.addEventListener('click', event => {
    const target = event.target instanceof Element ? event.target : null;
    if (!target) return;
    for (const menu of openMenus()) {
      if (!menu.contains(target) || target.closest('.menu-item, .bell-item')) menu.open = false;
    }
    const toggle = target.closest('[data-toggle]')?.dataset.toggle;
    if (toggle === 'drawer') root.toggleAttribute('data-drawer');
    else if (toggle === 'collapse') window.crmTheme.fold();
    else if (target.closest('.side a')) root.removeAttribute('data-drawer');
    const act = target.closest('[data-act]');
    if (act) {
      keepsAll ||= act.dataset.act.startsWith('culture:');
      window.crmTheme.act(act.dataset.act);
    }
    if (target.closest('[data-reload]')) {
      keepsAll = true;
      location.reload();
    }
    if (target.closest('[data-reconnect]')) window.Blazor?.reconnect();
    const culture = target.closest('[data-culture]');
    keepsAll ||= !!culture;
    if (culture) culture.href = `/culture?language=${culture.dataset.culture}&returnUrl=${encodeURIComponent(location.pathname + location.search)}`;
    const focus = target.closest('[data-focus]');
    if (focus) {
      const wanted = document.getElementById(focus.dataset.focus);
      if (wanted) {
        event.preventDefault();
        for (let section = wanted.closest('details'); section; section = section.parentElement?.closest('details')) section.open = true;
        wanted.focus();
        wanted.scrollIntoView({ block: 'center' });
      }
    }
  }, true);

  // What is typed between a shortcut and the box that it opens belongs into the box.
  let early = null;
  const catchKeys = () => {
    const caught = early = { keys: '' };
    setTimeout(() => { if (early === caught) early = null; }, 2000);
  };
  document.addEventListener('keydown', event => {
    if (!early || (event.key.length > 1 && event.key !== 'Enter') || event.ctrlKey || event.metaKey || event.altKey || !event.isTrusted) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.key === 'Enter') early.enter = true;
    else if (!early.enter) early.keys += event.key;
  }, true);

  document.addEventListener('keydown', event => {
    const typing = event.target instanceof Element && event.target.matches('input, textarea, select, [contenteditable]');
    if (event.key === 'Escape') {
      for (const menu of openMenus()) { menu.open = false; menu.querySelector('summary')?.focus(); }
      root.removeAttribute('data-drawer');
    }
    // The palette is all there is while it is open: Tab goes round in it.
    const palette = event.key === 'Tab' ? document.querySelector('[data-palette]') : null;
    if (palette) {
      const stops = [...palette.querySelectorAll('input, button')];
      const next = stops[(stops.indexOf(document.activeElement) + (event.shiftKey ? stops.length - 1 : 1)) % stops.length];
      event.preventDefault();
      next?.focus();
    }
    // In an open list of suggestions the arrows choose and Enter takes; neither may move the caret or send the form.
    if (event.target instanceof Element && event.target.closest('[data-combobox]') && ['ArrowDown', 'ArrowUp', 'Enter'].includes(event.key)) {
      event.preventDefault();
    }
    // Among rows and links Enter goes on to the next cell, and with Ctrl to a new entry. A list that is open keeps its Enter.
    const items = event.key === 'Enter' && !event.altKey && !event.shiftKey && event.target instanceof Element ? event.target.closest('[data-items]') : null;
    if (items && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      const add = items.querySelector('[data-items-add], .items-add input');
      if (add instanceof HTMLInputElement) add.focus(); else add?.click();
      return;
    }
    if (items && event.target.matches('input, select') && event.target.getAttribute('aria-expanded') !== 'true') {
      event.preventDefault();
      const cells = [...items.querySelectorAll('tbody :is(input, select, textarea, .rz-dropdown[tabindex]), [data-items-add], .items-add input')]
        .filter(cell => !cell.matches('[readonly], [type=hidden], [tabindex="-1"]') && cell.getClientRects().length > 0);
      const next = cells[cells.indexOf(event.target) + 1];
      next?.focus();
      if (next?.matches('input')) next.select();
    }
    const menu = ['ArrowDown', 'ArrowUp'].includes(event.key) && event.target instanceof Element ? event.target.closest('details.menu[open]') : null;
    if (menu && !typing) {
      const stops = [...menu.querySelectorAll('.menu-panel :is(a, button):not([hidden])')];
      const at = stops.indexOf(document.activeElement);
      event.preventDefault();
      stops[event.key === 'ArrowDown' ? (at + 1) % stops.length : (at <= 0 ? stops.length : at) - 1]?.focus();
    }
    const modifier = event.ctrlKey || event.metaKey;
    const shortcut = modifier && !event.altKey && !event.shiftKey ? `mod+${event.key.toLowerCase()}` : !modifier && !event.altKey && !typing ? event.key : null;
    if (!shortcut || /["\\]/.test(shortcut)) return;
    // Of several forms the one on top is meant, and none that is out of sight.
    const bound = [...document.querySelectorAll(`[data-shortcut="${shortcut}"]:not([hidden] *)`)].at(-1);
    if (shortcut === 'mod+s' && (bound || document.querySelector('[data-testid=form]'))) {
      event.preventDefault();
      // What was typed last may still be on its way to the server, and only its answer brings the save bar or lets it be pressed.
      const until = performance.now() + 2000;
      const press = () => {
        const save = document.querySelector('[data-shortcut="mod+s"]:enabled');
        if (save) save.click();
        else if (performance.now() < until) requestAnimationFrame(press);
      };
      requestAnimationFrame(press);
    } else if (bound) {
      event.preventDefault();
      if (bound.matches('input, textarea')) { bound.focus(); bound.select(); } else { if (bound.matches('[aria-haspopup=dialog]')) catchKeys(); bound.click(); if (bound.matches('summary')) bound.focus(); }
    }
  });
})();
