/** The style sheet's colours for charts, resolved for the canvas. */
export interface ChartTheme {
  /** Colour of a role or token name, such as `error` or `span-3-edge`. */
  readonly colour: (token: string) => string;
  readonly font: string;
}

const themes = new Map<string, ChartTheme>();

/** What the style sheet says under the look that is on the document now, each token read once per look. */
export function chartTheme(look: string): ChartTheme {
  let found = themes.get(look);
  if (found === undefined) {
    const style = getComputedStyle(document.documentElement);
    const colours = new Map<string, string>();
    found = {
      font: `10px ${style.getPropertyValue('--font-ui').trim()}`,
      colour: (token) => {
        let colour = colours.get(token);
        if (colour === undefined) {
          colour = style.getPropertyValue(`--${token}`).trim();
          colours.set(token, colour);
        }
        return colour;
      },
    };
    themes.set(look, found);
  }
  return found;
}
