// A browser that runs no script: cookies, redirects and forms. It stops where the relying party's redirect URI begins.

const NAMED = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'", '#34': '"', '#38': '&', '#60': '<', '#62': '>' };
const unescape = (text) => text.replace(/&(#?\w+);/g, (whole, name) => NAMED[name.toLowerCase()] ?? whole);

function attributes(tag) {
  const found = {};
  for (const [, name, quoted, bare] of tag.matchAll(/([\w:-]+)(?:\s*=\s*(?:"([^"]*)"|([^\s"'>]+)))?/g)) {
    found[name.toLowerCase()] = unescape(quoted ?? bare ?? '');
  }
  return found;
}

/** The forms of a page: { action, method, fields: [{name, value, type, checked}], buttons: [{name, value}] }. */
export function formsOf(html) {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, head, inside]) => {
    const form = { method: 'get', action: '', ...attributes(head), fields: [], buttons: [] };
    for (const [, tag, rest] of inside.matchAll(/<(input|button)\b([^>]*)>/gi)) {
      const field = attributes(rest);
      const type = field.type ?? (tag.toLowerCase() === 'button' ? 'submit' : 'text');
      if (type === 'submit') form.buttons.push({ name: field.name, value: field.value ?? '' });
      else if (field.name) form.fields.push({ name: field.name, value: field.value ?? (type === 'checkbox' ? 'on' : ''), type, checked: 'checked' in field });
    }
    return form;
  });
}

export class Browser {
  #cookies = new Map();

  constructor(redirectUri, language = 'en') {
    this.redirectUri = redirectUri;
    this.language = language;
  }

  /** Follows redirects to a page `{ url, status, html }`, or to the relying party `{ arrived: URL }`. */
  async open(url, { method = 'GET', body } = {}) {
    let at = new URL(url);
    for (let hops = 0; hops < 10; hops += 1) {
      const headers = { accept: 'text/html', 'accept-language': this.language };
      if (this.#cookies.size > 0) headers.cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      if (body) Object.assign(headers, { 'content-type': 'application/x-www-form-urlencoded', origin: at.origin });
      const response = await fetch(at, { method, headers, body, redirect: 'manual' });
      for (const cookie of response.headers.getSetCookie()) this.#keep(cookie);
      const to = response.headers.get('location');
      if (to === null || response.status < 300 || response.status > 399) {
        return { url: at, status: response.status, html: await response.text() };
      }
      await response.arrayBuffer();
      at = new URL(to, at);
      if (at.href.startsWith(this.redirectUri)) return { arrived: at };
      method = 'GET';
      body = undefined;
    }
    throw new Error('too many redirects');
  }

  /** Sends a form of a page as a person would: what is already filled in, `values` over it, and a button. */
  async submit(page, form, values = {}, button = form.buttons[0]) {
    const filled = new URLSearchParams();
    for (const field of form.fields) {
      const box = field.type === 'checkbox' || field.type === 'radio';
      if (box && !(field.name in values ? values[field.name] : field.checked)) continue;
      filled.append(field.name, box ? field.value : (values[field.name] ?? field.value));
    }
    if (button?.name) filled.append(button.name, button.value);
    const action = new URL(form.action || page.url.href, page.url);
    if (form.method.toLowerCase() === 'post') return this.open(action, { method: 'POST', body: filled });
    action.search = filled;
    return this.open(action);
  }

  #keep(cookie) {
    const [pair, ...rest] = cookie.split(';');
    const [name, ...value] = pair.trim().split('=');
    if (rest.some((part) => /^\s*max-age=0\s*$/i.test(part))) this.#cookies.delete(name);
    else this.#cookies.set(name, value.join('='));
  }
}
