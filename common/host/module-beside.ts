import { extname } from 'node:path'

/**
 * A module beside the caller's that something else starts: a worker, a child process. It ends as the caller
 * does, in `.ts` where types are stripped and in `.js` where `npm run build` has emitted them.
 * @param place relative, without its ending
 * @param caller `import.meta.url`
 */
export function moduleBeside(place: string, caller: string): URL {
  return new URL(`${place}${extname(caller)}`, caller)
}
