// Lists: what the browser does without asking the server. Moving about by key, noticing what is seen, editing in place, widths of columns.
(() => {
  const { call, register, scroller } = window.crmParts;
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
      const row = e.target.closest('tr[data-id]');
      if (!row || !this.root.contains(row) || e.button !== 0 || e.ctrlKey || e.metaKey || e.shiftKey || e.defaultPrevented) return;
      const link = e.target.closest('a');
      if (e.target.closest('button, input, select, textarea, label, [data-editing], .tick-cell') || (link && !link.matches('.row-link'))) return;
      e.preventDefault();
      if (getSelection()?.toString()) return;
      const cell = e.target.closest('td');
      cell?.focus({ preventScroll: true });
      // A cell that can be edited may be about to get its second click.
      this.peek(row.dataset.id, cell?.hasAttribute('data-can-edit') && !link ? 230 : 0);
    }

    doubleClick(e) {
      const cell = e.target.closest('td[data-can-edit]');
      if (!cell || e.target.closest('a:not(.row-link), [data-editing]')) return;
      clearTimeout(this.peekTimer);
      getSelection()?.removeAllRanges();
      call(this.owner, 'EditAsync', cell.closest('tr').dataset.id, +cell.dataset.c);
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
        // An amount has its currency beside it in the same cell.
        const parts = [...cell.querySelectorAll('.money :is(input, select)')];
        const beside = parts.includes(e.target) ? parts[parts.indexOf(e.target) + (e.shiftKey ? -1 : 1)] : null;
        if (beside) return;
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

    focus(what) {
      if (what === 'edit') {
        const editor = this.root.querySelector('td[data-editing] :is(input:not([type=hidden]):not([tabindex="-1"]), select, textarea, .rz-dropdown[tabindex], [tabindex="0"])');
        editor?.focus();
        if (editor?.matches('input:not([type=checkbox])')) editor.select();
        return;
      }
      const [id, column] = what.split('/');
      this.root.querySelector(`tr[data-id="${CSS.escape(id)}"] td[data-c="${column}"]`)?.focus({ preventScroll: true });
    }
  }

  register('crmList', List, 'refresh', 'focus');

  window.crmList.save = async (name, type, stream) => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([await stream.arrayBuffer()], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };
})();
