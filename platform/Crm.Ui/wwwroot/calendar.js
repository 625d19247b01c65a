// A calendar: entries are opened, dragged to another day or hour, and stretched, by pointer or by key.
(() => {
  const { call, register } = window.crmParts;

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

    detach() { this.off.abort(); }
  }

  register('crmCalendar', Calendar, 'toMorning');
})();
