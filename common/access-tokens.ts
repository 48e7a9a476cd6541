import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'

/** What ACCESS_TOKENS keeps of a viewer's token: enough to know it again, not the token itself. */
const tokenSchema = z.object({
  /** For the operator. */
  name: z.string().regex(/^[\w.@-]{1,64}$/),
  /** SHA-256 of the token, hex. A token has 160 random bits, so a slow hash would add nothing. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Different films that may be played at once. */
  streams: z.int().min(1).max(1000),
  /** Bytes of films in a calendar month (UTC); left out: as many as one likes. */
  monthlyBytes: z.int().positive().optional(),
  /** ISO 8601. */
  added: z.string(),
})

const fileSchema = z.object({ version: z.literal(1), tokens: z.array(tokenSchema) }).refine(
  // One of a pair would be revoked and the other stay.
  ({ tokens }) => new Set(tokens.map(({ name }) => name)).size === tokens.length,
  'two tokens have the same name',
)

export type AccessToken = z.infer<typeof tokenSchema>

/** @throws SyntaxError, ZodError when it is not a file that formatAccessTokens() wrote */
export const parseAccessTokens = (text: string): readonly AccessToken[] =>
  fileSchema.parse(JSON.parse(text)).tokens

/** @throws ZodError when a value is out of range */
export const formatAccessTokens = (tokens: readonly AccessToken[]): string =>
  `${JSON.stringify(fileSchema.parse({ version: 1, tokens }), undefined, 2)}\n`

/** Fit for a path segment (RFC 3986 unreserved). */
export const newAccessToken = (): string => randomBytes(20).toString('base64url')

export const hashOfToken = (token: string): string =>
  createHash('sha256').update(token).digest('hex')
