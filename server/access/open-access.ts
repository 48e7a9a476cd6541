import type { CleanupStack } from '../../common/cleanup-stack.ts'
import type { Config } from '../../config/config.ts'
import { type AccessFile, openAccessFile } from './access-file.ts'
import { TokenUsage, type TokenUsageParts } from './token-usage.ts'

/** Who is a viewer, and what each may use. */
export interface Access {
  readonly file: AccessFile
  readonly usage: TokenUsage
}

/**
 * Undefined without ACCESS_TOKENS: everybody is a viewer.
 * @throws AccessFileError
 */
export async function openAccess(
  parts: TokenUsageParts & {
    readonly config: Pick<Config, 'accessTokens'>
    readonly ends: CleanupStack
  },
): Promise<Access | undefined> {
  const file = await openAccessFile(parts.config.accessTokens, parts.log)
  if (!file) return undefined
  const usage = new TokenUsage(parts)
  parts.ends.defer('access tokens', async () => {
    await file.close()
    await usage.close()
  })
  return { file, usage }
}
