/** Chapters as ffmpeg reads them (ffmpeg-formats, "Metadata 2"): from and to in seconds, and what it is called. */
export function chaptersText(
  chapters: readonly (readonly [start: number, end: number, title: string])[],
): string {
  const entries = chapters.map(
    ([start, end, title]) => `[CHAPTER]\nTIMEBASE=1/1\nSTART=${start}\nEND=${end}\ntitle=${title}`,
  )
  return [';FFMETADATA1', ...entries, ''].join('\n')
}
