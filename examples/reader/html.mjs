// html`<p>${text}</p>`: whatever is put in is escaped, unless it is itself of html`…` or safe(…). Put values between tags or in quoted
// attributes, nowhere else.
const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

class Safe {
  constructor(text) { this.text = text; }
  toString() { return this.text; }
}

// For HTML that the service made, and only for that: `html` of a body, `head.html`, `text` of a block.
export const safe = text => new Safe(text);

export const html = (parts, ...values) => new Safe(parts.reduce((whole, part, i) => whole + written(values[i - 1]) + part));

// An address in href or src: one that a browser would run as code leads nowhere.
export const address = url => /^(https?:\/\/|mailto:|\/(?!\/))/i.test(url ?? '') ? url : '#';

function written(value) {
  if (value === undefined || value === null || value === false) return '';
  if (Array.isArray(value)) return value.map(written).join('');
  return value instanceof Safe ? value.text : String(value).replace(/[&<>"']/g, sign => escapes[sign]);
}
