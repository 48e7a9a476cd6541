const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as it stands in an element or a quoted attribute. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => ENTITIES[c] ?? '')

/** Markup that is fit to be sent as it stands. */
export interface Html {
  readonly markup: string
}

/** Template whose values are escaped for text and quoted attributes; Html goes in as it is. */
export function html(parts: TemplateStringsArray, ...values: readonly (string | Html)[]): Html {
  const filled = parts.map((part, i) => {
    const value = values[i] ?? ''
    return part + (typeof value === 'string' ? escaped(value) : value.markup)
  })
  return { markup: filled.join('') }
}

export function all<T>(
  items: readonly T[],
  part: (item: T, at: number) => Html,
  between = '\n',
): Html {
  return { markup: items.map((item, at) => part(item, at).markup).join(between) }
}
