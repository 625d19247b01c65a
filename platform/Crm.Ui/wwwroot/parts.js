// What the parts of a page that run in the browser share: one object for each element, made and let go by the component that owns the element.
window.crmParts = {
  /** Tells the server, which may be gone by then. */
  call: (owner, ...args) => owner.invokeMethodAsync(...args).catch(() => { }),

  /** The nearest element around that scrolls; null for the window itself. */
  scroller(element) {
    for (let e = element; e; e = e.parentElement) {
      const overflow = getComputedStyle(e).overflowY;
      if ((overflow === 'auto' || overflow === 'scroll') && e.scrollHeight > e.clientHeight + 1) return e;
    }
    return null;
  },

  /** Lets components attach objects of a class to their elements and call the methods that are named. */
  register(name, Part, ...methods) {
    const parts = new WeakMap();
    window[name] = {
      attach(root, owner) {
        parts.get(root)?.detach();
        parts.set(root, new Part(root, owner));
      },
      detach(root) { if (root) parts.get(root)?.detach(); },
    };
    for (const method of methods) window[name][method] = (root, ...args) => parts.get(root)?.[method](...args);
  },
};
