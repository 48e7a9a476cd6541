import type { AccessToken } from '../../common/access-tokens.ts'
import type { BytesPlayable } from '../../player/files/playable.ts'
import type { TokenUsage } from '../access/token-usage.ts'

/** The same bytes, counted as they are read. A token that runs out in mid-body ends the response. */
export const metered = (
  bytes: BytesPlayable,
  token: AccessToken,
  usage: Pick<TokenUsage, 'took'>,
): BytesPlayable => ({
  ...bytes,
  read(range) {
    const reader = bytes.read(range)
    return {
      async read(into) {
        const n = await reader.read(into)
        usage.took(token, n)
        return n
      },
      close: () => reader.close(),
    }
  },
})
