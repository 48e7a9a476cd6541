/** A shorter secret is looked for as it stands only: its coded forms stand in ordinary words. */
const LEAST_CODED = 8

/**
 * The texts by which a secret is recognised, lower case: as it stands, as JSON, HTML, a form and an
 * address write it, in hex, and in both alphabets of base64 (RFC 4648), wherever in a longer text it
 * begins. Percent-encodings that nobody has to use are read by `readings` instead.
 */
export function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, 'utf8')
  const percent = encodeURIComponent(secret.toWellFormed())
  const forms = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;'),
    percent,
    percent.replaceAll('%20', '+'),
  ]
  if (bytes.length >= LEAST_CODED) forms.push(bytes.toString('hex'), ...base64Of(bytes))
  return [...new Set(forms.map((form) => form.toLowerCase()))]
}

/**
 * What every base64 text with these bytes in it has in common: three texts, by how many bytes stand
 * before them. Characters that also depend on the neighbours are left out.
 */
function base64Of(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64url')
    const skip = [0, 2, 3][before] ?? 0
    const own = text.slice(skip, Math.floor(((before + bytes.length) * 8) / 6))
    return [own, own.replaceAll('-', '+').replaceAll('_', '/')]
  })
}
