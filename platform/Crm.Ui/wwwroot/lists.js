// Lists, boards, calendars and gantts: what the browser does without asking the server. Moving about by key, noticing what is seen, dragging.
(() => {
  const lists = new WeakMap();
  let active = null;

  const scroller = element => {
    for (let e = element; e; e = e.parentElement) {
      const overflow = getComputedStyle(e).overflowY;
      if ((overflow === 'auto' || overflow === 'scroll') && e.scrollHeight > e.clientHeight + 1) return e;
    }
    return null;
  };
  const call = (owner, ...args) => owner.invokeMethodAsync(...args).catch(() => { });
  const rowOf = element => element?.closest?.('tr[data-id], [data-card]');
  const idOf = row => row?.dataset.id ?? row?.dataset.card;
  const outsidePopups = target => !target.closest('.rz-popup, .rz-dropdown-panel, .rz-datepicker-popup-container, .rz-calendar, .lookup-list, .rz-dialog-wrapper');

  class List {
    constructor(root, owner) {
      Object.assign(this, { root, owner, seen: new Set(), bodies: new WeakSet(), timer: 0, peekTimer: 0, current: null, off: new AbortController() });
      const on = (target, name, handler, options) => target.addEventListener(name, handler, { signal: this.off.signal, ...options });
      on(root, 'click', e => this.click(e));
      on(root, 'dblclick', e => this.doubleClick(e));
      on(root, 'keydown', e => this.editKey(e), { capture: true });
      on(root, 'pointerdown', e => this.resize(e));
      on(document, 'pointerdown', e => this.leaveEdit(e), { capture: true });
      on(document, 'keydown', e => this.key(e));
      on(document, 'click', e => this.peekButton(e));
      this.refresh();
      root.dataset.ready = '';
    }

    detach() {
      this.off.abort();
      this.observer?.disconnect();
      clearTimeout(this.timer);
      clearTimeout(this.peekTimer);
    }

    // Which pages are near: the server keeps those and lets go of the rest.
    refresh() {
      const box = this.root.querySelector('.list-scroll');
      if (!box) return;
      const root = scroller(box);
      if (!this.observer || this.scroller !== root) {
        this.observer?.disconnect();
        this.bodies = new WeakSet();
        this.seen.clear();
        this.scroller = root;
        this.observer = new IntersectionObserver(entries => {
          for (const { target, isIntersecting } of entries) {
            if (isIntersecting) this.seen.add(target); else this.seen.delete(target);
          }
          clearTimeout(this.timer);
          this.timer = setTimeout(() => this.tell(), 60);
        }, { root, rootMargin: '400px' });
      }
      for (const body of this.root.querySelectorAll('tbody[data-page]')) {
        if (this.bodies.has(body)) continue;
        this.bodies.add(body);
        this.observer.observe(body);
      }
      this.mark();
    }

    tell() {
      const pages = [...this.seen].filter(b => b.isConnected).map(b => +b.dataset.page);
      if (pages.length === 0 || this.root.querySelectorAll('tbody[data-page]').length < 4) return;
      const heights = {};
      for (const body of this.root.querySelectorAll('tbody[data-page]:not([aria-hidden])')) heights[body.dataset.page] = body.getBoundingClientRect().height;
      call(this.owner, 'SeenAsync', Math.min(...pages), Math.max(...pages), heights);
    }

    rows() { return [...this.root.querySelectorAll('tr[data-id]')]; }

    row(id) { return id ? this.root.querySelector(`tr[data-id="${CSS.escape(id)}"]`) : null; }

    peeked() { return new URLSearchParams(location.search).get('open'); }

    mark() {
      const open = this.peeked();
      for (const row of this.root.querySelectorAll('tr[data-open]')) if (row.dataset.id !== open) row.removeAttribute('data-open');
      this.row(open)?.setAttribute('data-open', '');
    }

    peek(id, wait) {
      clearTimeout(this.peekTimer);
      this.current = id;
      this.peekTimer = setTimeout(() => call(this.owner, 'PeekAsync', id), wait);
    }

    click(e) {
      const row = rowOf(e.target);
      if (!row || !this.root.contains(row) || e.button !== 0 || e.ctrlKey || e.metaKey || e.shiftKey || e.defaultPrevented) return;
      const link = e.target.closest('a');
      if (e.target.closest('button, input, select, textarea, label, [data-editing], .tick-cell') || (link && !link.matches('.row-link'))) return;
      e.preventDefault();
      if (getSelection()?.toString()) return;
      const cell = e.target.closest('td');
      cell?.focus({ preventScroll: true });
      // A cell that can be edited may be about to get its second click.
      this.peek(idOf(row), cell?.hasAttribute('data-can-edit') && !link ? 230 : 0);
    }

    doubleClick(e) {
      const cell = e.target.closest('td[data-can-edit]');
      if (!cell || e.target.closest('a:not(.row-link), [data-editing]')) return;
      clearTimeout(this.peekTimer);
      getSelection()?.removeAllRanges();
      call(this.owner, 'EditAsync', idOf(rowOf(cell)), +cell.dataset.c);
    }

    commit(cell, move) {
      if (document.activeElement && cell.contains(document.activeElement)) document.activeElement.blur();
      call(this.owner, 'CommitAsync', move);
    }

    editKey(e) {
      const cell = e.target.closest?.('td[data-editing]');
      if (!cell || e.isComposing) return;
      const open = e.target.closest('[aria-expanded=true]') || (e.target.closest('.rz-dropdown') && document.querySelector('.rz-dropdown-panel[style*="display: block"]'));
      if (e.key === 'Tab') {
        e.preventDefault();
        e.stopPropagation();
        this.commit(cell, e.shiftKey ? -1 : 1);
      } else if (e.key === 'Enter' && !open && !e.target.matches('button')) {
        e.preventDefault();
        e.stopPropagation();
        this.commit(cell, 0);
      } else if (e.key === 'Escape' && !open) {
        e.preventDefault();
        e.stopPropagation();
        call(this.owner, 'CancelEdit');
      }
    }

    leaveEdit(e) {
      const cell = this.root.querySelector('td[data-editing]');
      if (cell && e.target instanceof Element && !cell.contains(e.target) && outsidePopups(e.target)) this.commit(cell, 0);
    }

    go(step) {
      const rows = this.rows();
      if (rows.length === 0) return;
      const focused = document.activeElement?.closest('tr[data-id]');
      const from = rows.indexOf(this.root.contains(focused) ? focused : this.row(this.current ?? this.peeked()));
      const to = rows[Math.max(0, Math.min(rows.length - 1, from < 0 ? 0 : from + step))];
      const column = document.activeElement?.closest('td[data-c]')?.dataset.c;
      (column !== undefined && to.querySelector(`td[data-c="${column}"]`) || to.querySelector('td:has(> .row-link)') || to.querySelector('td[data-c]')).focus({ preventScroll: true });
      to.scrollIntoView({ block: 'nearest' });
      this.current = to.dataset.id;
      if (this.peeked()) this.peek(to.dataset.id, 120);
    }

    key(e) {
      if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || !(e.target instanceof Element)) return;
      if (e.target.closest('input:not([type=checkbox]), textarea, select, [contenteditable], .rz-dropdown, [role=dialog], .rz-dialog, .menu, .peek [tabindex], .peek a, .peek button, .peek input, .peek summary')) return;
      const row = document.activeElement?.closest('tr[data-id]') ?? this.row(this.current ?? this.peeked());
      const cell = document.activeElement?.closest('td[data-c]');
      const inRow = row && this.root.contains(row);
      switch (e.key) {
        case 'j': this.go(1); break;
        case 'k': this.go(-1); break;
        case 'ArrowDown': if (!inRow) return; this.go(1); break;
        case 'ArrowUp': if (!inRow) return; this.go(-1); break;
        case 'ArrowRight': case 'ArrowLeft': {
          if (!cell) return;
          let next = cell;
          do next = e.key === 'ArrowRight' ? next.nextElementSibling : next.previousElementSibling; while (next && !next.matches('td[data-c]'));
          next?.focus();
          break;
        }
        case 'x': if (!inRow) return; row.querySelector('.tick-cell input')?.click(); break;
        case 'e': if (!inRow) return; call(this.owner, 'EditAsync', row.dataset.id, cell?.hasAttribute('data-can-edit') ? +cell.dataset.c : null); break;
        case 'o': if (!inRow) return; call(this.owner, 'Open', row.dataset.id); break;
        case 'Enter':
          if (!inRow || e.target.closest('a, button, input')) return;
          if (cell?.hasAttribute('data-can-edit') && !cell.querySelector(':scope > .row-link')) call(this.owner, 'EditAsync', row.dataset.id, +cell.dataset.c);
          else this.peek(row.dataset.id, 0);
          break;
        case 'Escape': {
          const over = document.querySelector('.backdrop');
          if (over) over.click();
          else if (this.peeked()) document.querySelector('[data-peek-close]')?.click();
          else document.querySelector('[data-bulk-clear]')?.click();
          return;
        }
        default: return;
      }
      e.preventDefault();
    }

    peekButton(e) {
      const button = e.target instanceof Element ? e.target.closest('[data-peek]') : null;
      if (button) this.go(+button.dataset.peek);
    }

    resize(e) {
      const handle = e.target instanceof Element ? e.target.closest('[data-resize]') : null;
      if (!handle) return;
      e.preventDefault();
      const th = handle.closest('th');
      const column = [...th.parentElement.children].indexOf(th) - 1;
      const col = this.root.querySelectorAll('col')[column + 1];
      const [from, width] = [e.clientX, th.getBoundingClientRect().width];
      const at = move => Math.round(Math.max(60, Math.min(900, width + move.clientX - from)));
      handle.setPointerCapture(e.pointerId);
      const move = m => { col.style.width = at(m) + 'px'; };
      handle.addEventListener('pointermove', move);
      handle.addEventListener('pointerup', up => {
        handle.removeEventListener('pointermove', move);
        if (Math.abs(up.clientX - from) > 3) call(this.owner, 'ResizeAsync', column, at(up));
      }, { once: true });
    }
  }

  window.crmList = {
    attach(root, owner) {
      lists.get(root)?.detach();
      lists.set(root, active = new List(root, owner));
    },
    refresh(root) { lists.get(root)?.refresh(); },
    detach(root) {
      const list = root && lists.get(root);
      list?.detach();
      if (active === list) active = null;
    },
    focus(root, what) {
      if (what === 'edit') {
        const editor = root.querySelector('td[data-editing] :is(input:not([type=hidden]):not([tabindex="-1"]), select, textarea, .rz-dropdown[tabindex], [tabindex="0"])');
        editor?.focus();
        if (editor?.matches('input:not([type=checkbox])')) editor.select();
        return;
      }
      const [id, column] = what.split('/');
      root.querySelector(`tr[data-id="${CSS.escape(id)}"] td[data-c="${column}"]`)?.focus({ preventScroll: true });
    },
    async save(name, type, stream) {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([await stream.arrayBuffer()], { type }));
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    },
  };

  // A board: cards are dragged between columns, and moved and opened by key.
  const boards = new WeakMap();

  class Board {
    constructor(root, owner) {
      Object.assign(this, { root, owner, dragged: null, off: new AbortController() });
      const on = (target, name, handler) => target.addEventListener(name, handler, { signal: this.off.signal });
      on(root, 'dragstart', e => {
        const card = e.target.closest?.('[data-card][draggable=true]');
        if (!card) return;
        this.dragged = card;
        e.dataTransfer.effectAllowed = 'move';
        e.dataTransfer.setData('text/plain', card.querySelector('.card-title')?.textContent ?? '');
        requestAnimationFrame(() => card.toggleAttribute('data-dragged', true));
      });
      on(root, 'dragover', e => {
        const column = this.dragged && e.target.closest('[data-column]');
        if (!column) return;
        e.preventDefault();
        e.dataTransfer.dropEffect = 'move';
        this.aim(column);
      });
      on(root, 'drop', e => {
        const column = this.dragged && e.target.closest('[data-column]');
        if (!column) return;
        e.preventDefault();
        const id = this.dragged.dataset.card;
        this.end();
        call(owner, 'DropAsync', id, +column.dataset.column);
      });
      on(root, 'dragend', () => this.end());
      on(root, 'click', e => this.click(e));
      on(root, 'keydown', e => this.key(e));
    }

    aim(column) {
      for (const other of this.root.querySelectorAll('[data-aimed]')) if (other !== column) other.removeAttribute('data-aimed');
      column?.setAttribute('data-aimed', '');
    }

    end() {
      this.dragged?.removeAttribute('data-dragged');
      this.dragged = null;
      this.aim(null);
    }

    click(e) {
      const card = e.target.closest('[data-card]');
      if (!card || e.button !== 0 || e.ctrlKey || e.metaKey || e.shiftKey) return;
      if (e.target.closest('[data-move]')) { call(this.owner, 'Choose', card.dataset.card); return; }
      if (e.target.closest('button, input, .board-moves, .backdrop')) return;
      e.preventDefault();
      call(this.owner, 'PeekAsync', card.dataset.card);
    }

    key(e) {
      const card = e.target.closest('[data-card]');
      if (!card || e.altKey || e.ctrlKey || e.metaKey || e.target.closest('.board-moves')) {
        if (e.key === 'Escape' && e.target.closest('.board-moves')) { call(this.owner, 'Choose', card.dataset.card); this.focusCard(card); }
        return;
      }
      const columns = [...this.root.querySelectorAll('[data-column]')];
      const at = columns.indexOf(card.closest('[data-column]'));
      const cards = [...card.closest('[data-column]').querySelectorAll('[data-card]')];
      const place = cards.indexOf(card);
      if (e.shiftKey && (e.key === 'ArrowLeft' || e.key === 'ArrowRight')) call(this.owner, 'StepAsync', card.dataset.card, e.key === 'ArrowRight' ? 1 : -1);
      else if (e.key === 'ArrowDown' || e.key === 'j') this.focusCard(cards[place + 1]);
      else if (e.key === 'ArrowUp' || e.key === 'k') this.focusCard(cards[place - 1]);
      else if (e.key === 'ArrowLeft' || e.key === 'ArrowRight') {
        const step = e.key === 'ArrowRight' ? 1 : -1;
        for (let c = at + step; c >= 0 && c < columns.length; c += step) {
          const there = columns[c].querySelectorAll('[data-card]');
          if (there.length > 0) { this.focusCard(there[Math.min(place, there.length - 1)]); break; }
        }
      } else if (e.key === 'm') call(this.owner, 'Choose', card.dataset.card);
      else if (e.key === 'o') call(this.owner, 'Open', card.dataset.card);
      else return;
      e.preventDefault();
    }

    focusCard(card) { card?.querySelector('.card-title')?.focus(); }
  }

  window.crmBoard = {
    attach(root, owner) { boards.set(root, new Board(root, owner)); },
    detach(root) { if (root) boards.get(root)?.off.abort(); },
    focus(root, id) {
      const card = root.querySelector(`[data-card="${CSS.escape(id)}"]`);
      const menu = card?.querySelector('.board-moves button');
      (menu ?? card?.querySelector('.card-title'))?.focus({ preventScroll: true });
    },
  };

  // A calendar: entries are opened, dragged to another day or hour, and stretched, by pointer or by key.
  const calendars = new WeakMap();

  class Calendar {
    constructor(root, owner) {
      Object.assign(this, { root, owner, drag: null, off: new AbortController() });
      const on = (target, name, handler) => target.addEventListener(name, handler, { signal: this.off.signal });
      on(root, 'pointerdown', e => this.begin(e));
      on(document, 'pointermove', e => this.move(e));
      on(document, 'pointerup', e => this.drop(e));
      on(document, 'pointercancel', () => this.end());
      on(root, 'click', e => {
        const entry = e.target.closest('[data-entry]');
        if (entry && !this.justDragged) call(owner, 'OpenAsync', entry.dataset.entry);
      });
      on(root, 'dblclick', e => { if (e.target.closest('[data-entry], button')) e.stopPropagation(); });
      on(root, 'keydown', e => this.key(e));
    }

    toMorning() {
      const scroll = this.root.querySelector('.hours-scroll');
      if (scroll) scroll.scrollTop = scroll.scrollHeight * 7.5 / 24;
    }

    dayAt(x, y) {
      return document.elementsFromPoint(x, y).find(e => e.matches('[data-day]') && this.root.contains(e));
    }

    begin(e) {
      const entry = e.target.closest('[data-entry]');
      if (!entry || e.button !== 0 || entry.matches('.agenda-entry') || e.pointerType === 'touch') return;
      const box = entry.getBoundingClientRect();
      const day = this.dayAt(e.clientX, e.clientY);
      this.drag = { entry, key: entry.dataset.entry, stretches: !!e.target.closest('[data-stretch]'), x: e.clientX, y: e.clientY, dy: e.clientY - box.top, from: day?.dataset.day ?? entry.dataset.from, ghost: null };
    }

    move(e) {
      const drag = this.drag;
      if (!drag) return;
      if (!drag.ghost) {
        if (Math.hypot(e.clientX - drag.x, e.clientY - drag.y) < 5) return;
        const box = drag.entry.getBoundingClientRect();
        drag.ghost = drag.entry.cloneNode(true);
        drag.ghost.removeAttribute('data-entry');
        drag.ghost.removeAttribute('data-testid');
        drag.ghost.classList.add('entry-ghost');
        Object.assign(drag.ghost.style, { width: box.width + 'px', height: box.height + 'px', left: box.left + 'px', top: box.top + 'px' });
        Object.assign(drag, { left: box.left, top: box.top, height: box.height });
        document.body.append(drag.ghost);
        drag.entry.toggleAttribute('data-dragged', true);
      }
      e.preventDefault();
      if (drag.stretches && drag.entry.matches('.entry-block')) drag.ghost.style.height = Math.max(12, drag.height + e.clientY - drag.y) + 'px';
      else {
        drag.ghost.style.left = drag.left + e.clientX - drag.x + 'px';
        drag.ghost.style.top = drag.top + e.clientY - drag.y + 'px';
      }
      for (const other of this.root.querySelectorAll('[data-aimed]')) other.removeAttribute('data-aimed');
      this.dayAt(e.clientX, e.clientY)?.setAttribute('data-aimed', '');
    }

    drop(e) {
      const drag = this.drag;
      const day = drag?.ghost ? this.dayAt(e.clientX, e.clientY) : null;
      this.end();
      if (!day) return;
      this.justDragged = true;
      setTimeout(() => { this.justDragged = false; });
      let minute = -1;
      if (day.hasAttribute('data-time')) {
        const box = day.getBoundingClientRect();
        const y = (drag.stretches || !drag.entry.matches('.entry-block') ? e.clientY : e.clientY - drag.dy) - box.top;
        minute = Math.round(y / box.height * 96) * 15;
      }
      call(this.owner, 'DropAsync', drag.key, drag.stretches, drag.from, day.dataset.day, minute);
    }

    end() {
      this.drag?.ghost?.remove();
      this.drag?.entry.removeAttribute('data-dragged');
      for (const other of this.root.querySelectorAll('[data-aimed]')) other.removeAttribute('data-aimed');
      this.drag = null;
    }

    key(e) {
      const entry = e.target.closest('[data-entry]');
      if (e.key === 'Escape' && this.drag) { this.end(); return; }
      if (!entry || !e.altKey || !e.key.startsWith('Arrow')) return;
      e.preventDefault();
      const day = 24 * 60, inHours = entry.matches('.entry-block');
      const minutes = { ArrowRight: day, ArrowLeft: -day, ArrowDown: inHours ? 15 : 7 * day, ArrowUp: inHours ? -15 : -7 * day }[e.key];
      this.again = entry.dataset.entry;
      call(this.owner, 'NudgeAsync', entry.dataset.entry, minutes, e.shiftKey).then(() => setTimeout(() => this.root.querySelector(`[data-entry="${CSS.escape(this.again)}"]`)?.focus(), 60));
    }
  }

  window.crmCalendar = {
    attach(root, owner) { calendars.set(root, new Calendar(root, owner)); },
    detach(root) { if (root) calendars.get(root)?.off.abort(); },
    toMorning(root) { calendars.get(root)?.toMorning(); },
  };

  // A gantt: bars are looked at, dragged along the axis, and stretched at either end, by pointer or by key.
  const gantts = new WeakMap();

  class Gantt {
    constructor(root, owner) {
      Object.assign(this, { root, owner, drag: null, off: new AbortController() });
      const on = (target, name, handler) => target.addEventListener(name, handler, { signal: this.off.signal });
      on(root, 'pointerdown', e => this.begin(e));
      on(document, 'pointermove', e => this.move(e));
      on(document, 'pointerup', () => this.drop());
      on(document, 'pointercancel', () => this.end());
      on(root, 'click', e => this.click(e));
      on(root, 'keydown', e => this.key(e));
    }

    // Which way time runs on the screen.
    get sign() { return getComputedStyle(this.root).direction === 'rtl' ? -1 : 1; }

    dayWidth(bar) { return bar.parentElement.clientWidth / Number(this.root.querySelector('.gantt').dataset.days); }

    click(e) {
      if (this.justDragged || e.target.closest('a')) return;
      const row = e.target.closest('[data-row]');
      if (row && e.target.closest('.gantt-bar, .gantt-name')) call(this.owner, 'PeekAsync', row.dataset.row);
    }

    begin(e) {
      const bar = e.target.closest('.gantt-bar.may-move');
      if (!bar || e.button !== 0 || e.pointerType === 'touch') return;
      this.drag = { bar, end: e.target.closest('[data-stretch]')?.dataset.stretch, x: e.clientX, day: this.dayWidth(bar), style: bar.style.cssText, days: 0, moved: false };
      e.preventDefault();
      bar.focus({ preventScroll: true });
    }

    move(e) {
      const drag = this.drag;
      if (!drag || (!drag.moved && Math.abs(e.clientX - drag.x) < 4)) return;
      drag.moved = true;
      drag.days = Math.round((e.clientX - drag.x) * this.sign / drag.day);
      this.show(drag);
    }

    // Where it would come to lie, in whole days.
    show({ bar, end, days, day, style }) {
      bar.style.cssText = style;
      bar.toggleAttribute('data-dragged', true);
      const px = days * day;
      if (end !== 'end') bar.style.insetInlineStart = `calc(${bar.style.insetInlineStart} + ${px}px)`;
      if (end) bar.style.inlineSize = `max(${day}px, calc(${bar.style.inlineSize} ${end === 'end' ? '+' : '-'} ${px}px))`;
    }

    drop() {
      const drag = this.drag;
      if (!drag) return;
      this.drag = null;
      drag.bar.removeAttribute('data-dragged');
      if (!drag.moved) return;
      this.justDragged = true;
      setTimeout(() => { this.justDragged = false; });
      if (drag.days === 0) { drag.bar.style.cssText = drag.style; return; }
      this.send(drag.bar, drag.end === 'end' ? 0 : drag.days, drag.end === 'start' ? 0 : drag.days, drag.style);
    }

    // What was refused goes back; what was written is drawn where it is now.
    send(bar, start, end, style) {
      const shown = bar.style.cssText;
      call(this.owner, 'MoveAsync', bar.dataset.bar, start, end).then(() => { if (bar.style.cssText === shown) bar.style.cssText = style; });
    }

    end() {
      if (this.drag) {
        this.drag.bar.style.cssText = this.drag.style;
        this.drag.bar.removeAttribute('data-dragged');
      }
      this.drag = null;
    }

    key(e) {
      if (e.key === 'Escape' && this.drag) { this.end(); return; }
      const bar = e.target.closest('.gantt-bar');
      if (!bar || e.ctrlKey || e.metaKey) return;
      if (e.altKey && (e.key === 'ArrowLeft' || e.key === 'ArrowRight')) {
        e.preventDefault();
        if (!bar.matches('.may-move')) return;
        const days = (e.key === 'ArrowRight' ? 1 : -1) * this.sign;
        this.send(bar, e.shiftKey ? 0 : days, days, bar.style.cssText);
        return;
      }
      const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[e.key];
      if (e.altKey) return;
      if (step) {
        const bars = [...this.root.querySelectorAll('.gantt-bar')];
        bars[bars.indexOf(bar) + step]?.focus();
      } else if (e.key === 'o') bar.closest('[data-row]').querySelector('.gantt-title')?.click();
      else return;
      e.preventDefault();
    }
  }

  window.crmGantt = {
    attach(root, owner) { gantts.set(root, new Gantt(root, owner)); },
    detach(root) { if (root) gantts.get(root)?.off.abort(); },
    focus(root, id) { root.querySelector(`[data-bar="${CSS.escape(id)}"]`)?.focus({ preventScroll: true }); },
  };
})();
