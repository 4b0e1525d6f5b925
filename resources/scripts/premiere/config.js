// Written by `foley install premiere`: the folder that Premiere and Foley share, and the file that opens the panel.
module.exports = { folder: "", launcher: "", separator: "/" };
