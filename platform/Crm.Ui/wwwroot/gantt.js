// A gantt: bars are looked at, dragged along the axis, and stretched at either end, by pointer or by key.
(() => {
  const { call, register } = window.crmParts;

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

    detach() { this.off.abort(); }

    focus(id) { this.root.querySelector(`[data-bar="${CSS.escape(id)}"]`)?.focus({ preventScroll: true }); }
  }

  register('crmGantt', Gantt, 'focus');
})();
