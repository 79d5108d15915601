/**
 * Colours and fonts of the front end, for `style` attributes: JupyterLab's variables, else Visual
 * Studio Code's, else something that reads on light and dark alike. Attributes, and not a style
 * sheet, because a saved notebook that is not trusted loses its style sheets.
 */
export const THEME = {
  text: "var(--jp-ui-font-color1, var(--vscode-editor-foreground, inherit))",
  // Twice the contrast of a grey: the same colour, thinned.
  faint: "var(--jp-ui-font-color2, var(--vscode-descriptionForeground, inherit))",
  surface: "var(--jp-layout-color1, var(--vscode-editor-background, transparent))",
  raised: "var(--jp-layout-color2, var(--vscode-textCodeBlock-background, rgba(128,128,128,.12)))",
  line: "var(--jp-border-color2, var(--vscode-panel-border, rgba(128,128,128,.4)))",
  link: "var(--jp-content-link-color, var(--vscode-textLink-foreground, #3b7dd8))",
  good: "var(--jp-success-color1, var(--vscode-testing-iconPassed, #2e8540))",
  bad: "var(--jp-error-color1, var(--vscode-errorForeground, #d13438))",
  warn: "var(--jp-warn-color1, var(--vscode-editorWarning-foreground, #b86e00))",
  sans: "var(--jp-ui-font-family, var(--vscode-font-family, system-ui, sans-serif))",
  mono: "var(--jp-code-font-family, var(--vscode-editor-font-family, ui-monospace, monospace))",
} as const;
