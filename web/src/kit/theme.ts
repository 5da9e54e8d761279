import {
  type CSSVariablesResolver,
  createTheme,
  Drawer,
  type MantineColorsTuple,
  Modal,
} from '@mantine/core';

/** Shade 6 is the accent in the light, shade 4 in the dark. */
const accent: MantineColorsTuple = [
  '#e8f2fc',
  '#d0e4f9',
  '#a9d0f8',
  '#8ac0f7',
  '#6cb0f5',
  '#2f86da',
  '#0b6bcb',
  '#095bae',
  '#074a8e',
  '#05386c',
];
const critical: MantineColorsTuple = [
  '#fdeae8',
  '#fad2ce',
  '#ffb3aa',
  '#ff9d92',
  '#ff8a7d',
  '#d03a2e',
  '#b42318',
  '#971c13',
  '#79160f',
  '#5b100b',
];

/** The dark look's greys, from ink to what lies deepest. */
const dark: MantineColorsTuple = [
  '#e8edf4',
  '#b3bfce',
  '#8d9bad',
  '#667385',
  '#37465e',
  '#263245',
  '#141d2b',
  '#0d1420',
  '#0a101a',
  '#070b12',
];

export const theme = createTheme({
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 4 },
  autoContrast: true,
  colors: { accent, critical, dark },
  defaultRadius: 7,
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '18px' },
  lineHeights: { xs: '16px', sm: '18px', md: '20px', lg: '24px', xl: '26px' },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  headings: { fontFamily: 'var(--font)', fontWeight: '650' },
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    Drawer: Drawer.extend({
      defaultProps: { transitionProps: { duration: 120 }, closeButtonProps: closeLabel() },
    }),
    Modal: Modal.extend({
      defaultProps: { transitionProps: { duration: 120 }, closeButtonProps: closeLabel() },
    }),
  },
});

function closeLabel(): { 'aria-label': string } {
  return { 'aria-label': 'Close' };
}

const own = {
  '--mantine-color-body': 'var(--panel)',
  '--mantine-color-text': 'var(--ink)',
  '--mantine-color-dimmed': 'var(--third)',
  '--mantine-color-placeholder': 'var(--third)',
  '--mantine-color-default': 'var(--panel)',
  '--mantine-color-default-hover': 'var(--hover)',
  '--mantine-color-default-color': 'var(--ink)',
  '--mantine-color-default-border': 'var(--line-strong)',
  '--mantine-color-error': 'var(--critical)',
  '--mantine-color-anchor': 'var(--accent)',
};

/** Mantine's colours are ours: tokens.css is the one place that knows them. */
export const resolveVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: own,
  dark: own,
});
