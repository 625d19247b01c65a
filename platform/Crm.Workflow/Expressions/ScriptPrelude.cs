namespace Crm.Workflow;

/// <summary>What scripts expect of a library and the interpreter does not bring, and what goes over patterns step by step instead of at once.</summary>
internal static class ScriptPrelude
{
    public const string Source =
        """
        (function (global) {
          function define(target, name, value) { Object.defineProperty(target, name, { value: value, writable: true, configurable: true, enumerable: false }); }
          function add(target, name, value) { if (!target[name]) { Object.defineProperty(target, name, { value: value, writable: true, configurable: true, enumerable: false }); } }
          add(Array.prototype, 'find', function (f, t) { for (var i = 0; i < this.length; i++) { if (f.call(t, this[i], i, this)) { return this[i]; } } });
          add(Array.prototype, 'findIndex', function (f, t) { for (var i = 0; i < this.length; i++) { if (f.call(t, this[i], i, this)) { return i; } } return -1; });
          add(Array.prototype, 'includes', function (v) { for (var i = 0; i < this.length; i++) { if (this[i] === v || (v !== v && this[i] !== this[i])) { return true; } } return false; });
          add(Array.prototype, 'fill', function (v, a, b) { for (var i = a || 0; i < (b === undefined ? this.length : b); i++) { this[i] = v; } return this; });
          add(Array, 'from', function (s, f) { var r = []; for (var i = 0; i < s.length; i++) { r.push(f ? f(s[i], i) : s[i]); } return r; });
          add(Array, 'of', function () { return Array.prototype.slice.call(arguments); });
          add(Array.prototype, 'flat', function (d) { var r = [], n = d === undefined ? 1 : d; this.forEach(function (v) { if (Array.isArray(v) && n > 0) { v.flat(n - 1).forEach(function (x) { r.push(x); }); } else { r.push(v); } }); return r; });
          add(Array.prototype, 'flatMap', function (f, t) { return this.map(f, t).flat(); });
          add(Array.prototype, 'at', function (i) { i = Math.floor(i) || 0; return this[i < 0 ? this.length + i : i]; });
          add(Array.prototype, 'keys', function () { return this.map(function (v, i) { return i; }); });
          add(Array.prototype, 'values', function () { return this.slice(); });
          add(Array.prototype, 'entries', function () { return this.map(function (v, i) { return [i, v]; }); });
          add(Object, 'fromEntries', function (e) { var r = {}; e.forEach(function (p) { r[p[0]] = p[1]; }); return r; });
          add(String.prototype, 'at', function (i) { i = Math.floor(i) || 0; i = i < 0 ? this.length + i : i; return i < this.length && i >= 0 ? this.charAt(i) : undefined; });
          add(String.prototype, 'replaceAll', function (p, by) { return p instanceof RegExp ? this.replace(p, by) : this.split(String(p)).join(String(by)); });
          add(String.prototype, 'trimStart', function () { return this.replace(/^\s+/, ''); });
          add(String.prototype, 'trimEnd', function () { return this.replace(/\s+$/, ''); });
          add(Object, 'assign', function (t) { for (var i = 1; i < arguments.length; i++) { for (var k in arguments[i]) { if (Object.prototype.hasOwnProperty.call(arguments[i], k)) { t[k] = arguments[i][k]; } } } return t; });
          add(Object, 'values', function (o) { return Object.keys(o).map(function (k) { return o[k]; }); });
          add(Object, 'entries', function (o) { return Object.keys(o).map(function (k) { return [k, o[k]]; }); });
          add(String.prototype, 'includes', function (s, p) { return this.indexOf(s, p) >= 0; });
          add(String.prototype, 'startsWith', function (s, p) { return this.substr(p || 0, s.length) === s; });
          add(String.prototype, 'endsWith', function (s) { return this.length >= s.length && this.substr(this.length - s.length) === s; });
          add(String.prototype, 'repeat', function (n) { if (this.length * n > 1000000) { throw new RangeError('The text would be too long.'); } var r = ''; for (var i = 0; i < n; i++) { r += this; } return r; });
          add(String.prototype, 'padStart', function (n, c) { var s = String(this); c = c || ' '; while (s.length < n) { s = c + s; } return s.substr(s.length - Math.max(n, String(this).length)); });
          add(String.prototype, 'padEnd', function (n, c) { var s = String(this); c = c || ' '; while (s.length < n) { s += c; } return s.substr(0, Math.max(n, String(this).length)); });
          add(Number, 'isInteger', function (n) { return typeof n === 'number' && isFinite(n) && Math.floor(n) === n; });
          add(Number, 'isNaN', function (n) { return typeof n === 'number' && n !== n; });
          add(Number, 'isFinite', function (n) { return typeof n === 'number' && isFinite(n); });
          add(Number, 'parseFloat', parseFloat);
          add(Number, 'parseInt', parseInt);
          add(Math, 'trunc', function (n) { return n < 0 ? Math.ceil(n) : Math.floor(n); });
          add(Math, 'sign', function (n) { return n > 0 ? 1 : n < 0 ? -1 : n; });
          // What newer syntax is made of. A script cannot write these names.
          add(Array, ' each', function (s) {
            if (Array.isArray(s)) { return s; }
            if (typeof s === 'string') { return s.split(''); }
            if (s === null || s === undefined || typeof s.length !== 'number') { throw new TypeError(String(s) + ' is no list.'); }
            return Array.from(s);
          });
          add(Array, ' call', function (o, n, a) { return o[n].apply(o, a); });
          add(Array, ' pair', function (k, v) { var r = {}; r[k] = v; return r; });
          add(Array, ' rest', function (o, keys) { var r = {}; Object.keys(o).forEach(function (k) { if (keys.indexOf(k) < 0) { r[k] = o[k]; } }); return r; });
          // Nothing here takes its time, so what follows a promise follows it at once.
          function Promise(run) {
            var self = this, waiting = [];
            function settle(state, value) {
              if (self[' state'] !== '') { return; }
              if (state === 'done' && value && typeof value.then === 'function') {
                try { value.then(function (v) { settle('done', v); }, function (e) { settle('failed', e); }); } catch (e) { settle('failed', e); }
                return;
              }
              self[' state'] = state;
              self[' value'] = value;
              waiting.forEach(function (w) { w(); });
            }
            define(self, ' state', '');
            define(self, ' value', undefined);
            define(self, ' wait', function (w) { if (self[' state'] === '') { waiting.push(w); } else { w(); } });
            try { run(function (v) { settle('done', v); }, function (e) { settle('failed', e); }); } catch (e) { settle('failed', e); }
          }
          define(Promise.prototype, 'then', function (done, failed) {
            var self = this;
            return new Promise(function (resolve, reject) {
              self[' wait'](function () {
                var isDone = self[' state'] === 'done', by = isDone ? done : failed;
                if (typeof by === 'function') { try { resolve(by(self[' value'])); } catch (e) { reject(e); } }
                else if (isDone) { resolve(self[' value']); }
                else { reject(self[' value']); }
              });
            });
          });
          define(Promise.prototype, 'catch', function (failed) { return this.then(undefined, failed); });
          define(Promise.prototype, 'finally', function (f) { return this.then(function (v) { f(); return v; }, function (e) { f(); throw e; }); });
          define(Promise, 'resolve', function (v) { return new Promise(function (r) { r(v); }); });
          define(Promise, 'reject', function (e) { return new Promise(function (r, j) { j(e); }); });
          define(Promise, 'all', function (list) {
            return new Promise(function (resolve, reject) {
              var open = list.length, values = [];
              if (open === 0) { resolve(values); }
              list.forEach(function (p, i) { Promise.resolve(p).then(function (v) { values[i] = v; open = open - 1; if (open === 0) { resolve(values); } }, reject); });
            });
          });
          define(Promise, ' run', function (f) { return new Promise(function (r) { r(f()); }); });
          define(Promise, ' value', function (v) {
            if (!v || typeof v.then !== 'function') { return v; }
            var p = Promise.resolve(v);
            if (p[' state'] === 'failed') { throw p[' value']; }
            if (p[' state'] === '') { throw new Error('What is awaited never comes.'); }
            return p[' value'];
          });
          global.Promise = Promise;
          // One function of the interpreter would go over all matches by itself; these ask for one after the other.
          var exec = RegExp.prototype.exec, splitByText = String.prototype.split;
          function same(regex, flags) { return new RegExp(regex.source === '(?:)' ? '(?=)' : regex.source, flags + (regex.ignoreCase ? 'i' : '') + (regex.multiline ? 'm' : '')); }
          function each(text, regex, take) {
            var all = same(regex, 'g'), m;
            while ((m = exec.call(all, text)) !== null) { take(m); if (m[0] === '') { all.lastIndex = all.lastIndex + 1; } }
          }
          function expand(by, m, text) {
            var parts = [], from = 0, at, c, n;
            while ((at = by.indexOf('$', from)) >= 0 && at + 1 < by.length) {
              parts.push(by.substring(from, at));
              c = by.charAt(at + 1);
              from = at + 2;
              if (c === '$') { parts.push('$'); }
              else if (c === '&') { parts.push(m[0]); }
              else if (c === '`') { parts.push(text.substring(0, m.index)); }
              else if (c === "'") { parts.push(text.substring(m.index + m[0].length)); }
              else if (c >= '0' && c <= '9') {
                n = /^\d\d/.test(by.substr(at + 1, 2)) ? Number(by.substr(at + 1, 2)) : 0;
                if (n > 0 && n < m.length) { from = at + 3; } else { n = Number(c); }
                parts.push(n > 0 && n < m.length ? (m[n] === undefined ? '' : m[n]) : '$' + by.substring(at + 1, from));
              }
              else { parts.push('$' + c); }
            }
            parts.push(by.substring(from));
            return parts.join('');
          }
          define(String.prototype, 'match', function (p) {
            var text = String(this), regex = p instanceof RegExp ? p : new RegExp(p === undefined ? '' : p), all = [];
            if (!regex.global) { return exec.call(regex, text); }
            each(text, regex, function (m) { all.push(m[0]); });
            regex.lastIndex = 0;
            return all.length > 0 ? all : null;
          });
          define(String.prototype, 'search', function (p) {
            var m = exec.call(p instanceof RegExp ? same(p, '') : new RegExp(p === undefined ? '' : p), String(this));
            return m === null ? -1 : m.index;
          });
          define(String.prototype, 'replace', function (p, by) {
            var text = String(this), parts = [], from = 0, m;
            function put(m) {
              var a, i;
              parts.push(text.substring(from, m.index));
              if (typeof by === 'function') {
                a = [];
                for (i = 0; i < m.length; i++) { a.push(m[i]); }
                a.push(m.index, text);
                parts.push(String(by.apply(undefined, a)));
              } else { parts.push(expand(String(by), m, text)); }
              from = m.index + m[0].length;
            }
            if (p instanceof RegExp) {
              if (p.global) { each(text, p, put); p.lastIndex = 0; }
              else { m = exec.call(same(p, ''), text); if (m !== null) { put(m); } }
            } else {
              m = [String(p)];
              m.index = text.indexOf(m[0]);
              if (m.index >= 0) { put(m); }
            }
            parts.push(text.substring(from));
            return parts.join('');
          });
          define(String.prototype, 'split', function (p, limit) {
            if (!(p instanceof RegExp)) { return arguments.length > 1 ? splitByText.call(this, p, limit) : splitByText.call(this, p); }
            var text = String(this), parts = [], from = 0, most = limit === undefined ? 4294967295 : limit >>> 0;
            if (text === '') { return exec.call(same(p, ''), '') === null ? [''] : []; }
            each(text, p, function (m) {
              var i;
              if (m.index >= text.length || (m[0] === '' && m.index === from)) { return; }
              parts.push(text.substring(from, m.index));
              for (i = 1; i < m.length; i++) { parts.push(m[i]); }
              from = m.index + m[0].length;
            });
            parts.push(text.substring(from));
            return parts.length > most ? parts.slice(0, most) : parts;
          });
          // What is frozen where it is inherited could not be set on an error either.
          delete Error.prototype.message;
          [Array, String, Number, Boolean, Date, RegExp, Function, Math, JSON, Error, Promise].forEach(function (type) { Object.freeze(type); if (type.prototype) { Object.freeze(type.prototype); } });
          Object.freeze(Object);
          // The next script finds what this one found.
          Object.getOwnPropertyNames(global).forEach(function (name) {
            var own = Object.getOwnPropertyDescriptor(global, name);
            if (own.configurable) { Object.defineProperty(global, name, { value: own.value, writable: false, configurable: false, enumerable: own.enumerable }); }
          });
        })(this);
        """;
}
