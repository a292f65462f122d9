// Ways to answer, one file each in controls/: `controls.<type>(view, {changed, log})` returns
// {element, columns, help, value, restore, lock, problem, key}.
const controls = {};
