import { readFileSync } from 'node:fs';

const ROOT = new URL('../../../../', import.meta.url);

export const SETTINGS_PAGE = new URL('docs/settings.md', ROOT);

const BEGIN = '<!-- table: settings -->\n';
const END = '\n<!-- end -->';

/** The page with its tables made anew from .env.example. @throws when the marks are missing. */
export function settingsPage(page = readFileSync(SETTINGS_PAGE, 'utf8')): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END, begin);
  if (begin < 0 || end < 0) throw new Error(`docs/settings.md needs the marks ${BEGIN.trim()} and ${END.trim()}`);
  return (
    page.slice(0, begin + BEGIN.length) + tables(readFileSync(new URL('.env.example', ROOT), 'utf8')) + page.slice(end)
  );
}

/** A table for each section of .env.example: a section begins with `# --- title ---`, a setting follows its comment. */
function tables(example: string): string {
  return example
    .split(/^# --- (?=.* ---$)/m)
    .slice(1)
    .map((section) => {
      const [title = '', ...lines] = section.split('\n');
      return [`### ${title.replace(/ ---$/, '')}`, '', ...rows(lines)].join('\n');
    })
    .join('\n\n');
}

function rows(lines: readonly string[]): readonly string[] {
  const found = ['| name | default | meaning |', '| --- | --- | --- |'];
  let comment: string[] = [];
  for (const line of lines) {
    const [, name, fallback = ''] = /^(?:# )?([A-Z_]+)=(.*)$/.exec(line) ?? [];
    if (name === undefined) {
      comment.push(line.replace(/^# ?/, ''));
      continue;
    }
    const meaning = comment.join(' ').trim().replaceAll('|', '\\|');
    found.push(`| \`${name}\` | ${fallback === '' ? '' : `\`${fallback}\``} | ${meaning} |`);
    comment = [];
  }
  return found;
}
