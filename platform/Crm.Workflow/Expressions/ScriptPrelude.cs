namespace Crm.Workflow;

/// <summary>What scripts expect of a library and the interpreter does not bring, and what goes over patterns step by step instead of at once.</summary>
internal static class ScriptPrelude
{
    public const string Source =
        """
        (function () {
          function add(target, name, value) { if (!target[name]) { Object.defineProperty(target, name, { value: value, writable: true, configurable: true, enumerable: false }); } }
          add(Array.prototype, 'find', function (f, t) { for (var i = 0; i < this.length; i++) { if (f.call(t, this[i], i, this)) { return this[i]; } } });
          add(Array.prototype, 'findIndex', function (f, t) { for (var i = 0; i < this.length; i++) { if (f.call(t, this[i], i, this)) { return i; } } return -1; });
          add(Array.prototype, 'includes', function (v) { for (var i = 0; i < this.length; i++) { if (this[i] === v || (v !== v && this[i] !== this[i])) { return true; } } return false; });
          add(Array.prototype, 'fill', function (v, a, b) { for (var i = a || 0; i < (b === undefined ? this.length : b); i++) { this[i] = v; } return this; });
          add(Array, 'from', function (s, f) { var r = []; for (var i = 0; i < s.length; i++) { r.push(f ? f(s[i], i) : s[i]); } return r; });
          add(Array, 'of', function () { return Array.prototype.slice.call(arguments); });
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
          function define(target, name, value) { Object.defineProperty(target, name, { value: value, writable: true, configurable: true, enumerable: false }); }
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
          [Array, String, Number, Boolean, Date, RegExp, Function, Math, JSON, Error].forEach(function (type) { Object.freeze(type); if (type.prototype) { Object.freeze(type.prototype); } });
        })();
        """;
}
