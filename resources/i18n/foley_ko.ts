<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ko" sourcelanguage="en">
  <context>
    <name>Actions</name>
    <message>
      <source>&amp;Cancel jobs</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Dark</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Export timeline…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Find media…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Fit the whole cut</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Forget recent timelines</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Generate foley</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Keyboard shortcuts…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Light</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Open timeline…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Play or stop</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Quit</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Redo</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Spot hits</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Stop</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Take off the timeline</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Undo</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Welcome</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>As the &amp;system</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>C&amp;lear in and out</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Mark &amp;in</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Mark &amp;out</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Next edit</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>One frame back</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>One frame forward</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>One second back</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>One second forward</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Open the &amp;demo cut</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Play &amp;backwards</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Play &amp;forwards</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Previous edit</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Select &amp;all clips</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Select clip at &amp;playhead</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show &amp;reason</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show the &amp;project's folder</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>To the end</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>To the start</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Zoom in</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Zoom out</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>ClipPresenter</name>
    <message>
      <source>All can have foley</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Click a clip on the timeline, or mark a range with I and O.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Foley is made for what is seen between in and out.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Marked range</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No takes yet.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>None of them can have foley</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Nothing selected</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Select one clip to see its takes.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Their media is being checked</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>in {}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{} can have foley</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{} clips</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{} clips selected</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>CutSession</name>
    <message>
      <source> ({} more findings)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source> ({} more notices)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Foley is being made; look for media when it is done, or cancel it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Select a clip first, or mark a range with I and O.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The cut's media is still being looked for; try again in a moment.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The project of this cut cannot be written, so no foley can be made for it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is no take on the timeline to export; generate foley first.</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>EmptyState</name>
    <message>
      <source>Foley that hits the picture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Let go to open it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Open a timeline that your editor exported, pick clips, and hear them.
Everything is made on this machine; your timeline is never changed.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Open a timeline…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Open again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Open {}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Try the demo cut</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>or drop a timeline here</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>EnginePresenter</name>
    <message>
      <source>Engine loading…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Engine not started</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Engine stopped</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Export</name>
    <message>
      <source>A new folder of broadcast WAVs with timecode, for any DAW.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Add the file's ending</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Any other program – OpenTimelineIO (.otio)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Beside them: the cue sheet, the hits as markers, and the levels.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Bundle with the takes – OpenTimelineIO (.otioz)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>DaVinci Resolve – OpenTimelineIO (.otio)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Error</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Final Cut Pro – FCPXML (.fcpxml)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Give the file a name and a whole path.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>In Final Cut Pro: File &gt; Import &gt; XML.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>In Premiere Pro: File &gt; Import. Its OpenTimelineIO import is young.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>In Premiere Pro: File &gt; Import. The steadiest way into it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>In Pro Tools: File &gt; Import &gt; Session Data. In Media Composer: File &gt; Input.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>In Resolve: File &gt; Import &gt; Timeline. Or fetch only the foley tracks with the Foley script.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Leave the clip out</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Leave the take out</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Match its channels</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Name it by its path</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Note</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>One file to carry to another machine: the timeline and its takes.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Premiere Pro 25.6 and later – OpenTimelineIO (.otio)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Premiere Pro – Final Cut Pro 7 XML (.xml)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Pro Tools and Media Composer – AAF (.aaf)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The takes stay in {} and are played from there.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The timeline as it is, with new audio tracks and nothing else.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Trim the take</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Trim to its media</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Unlink the clip</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>WAV files by track for a mix, with cue sheet and hits</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Warning</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Write decimal points</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{track}: one take</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{track}: {count} takes</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{} cannot be written; choose another folder.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{} is there already, and nothing is overwritten; choose another name.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{} itself is not changed.</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>ExportControl</name>
    <message>
      <source>Exported {file}, but its import may stumble over {count} things: {what} {remedy}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Exported {file}, but its import may stumble: {what} {remedy}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Exported {}. Import it in your editor; the original timeline is as it was.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show the file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The cut's media is still being looked for; export it when that is done.</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>ExportDialog</name>
    <message>
      <source>&amp;For</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;To</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Cancel</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose where to write</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Export</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Export anyway</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>File to write</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>In the way of the import: {errors}. Worth knowing: {others}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Looking at what the import may stumble over…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Mend all that can be mended ({})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Nothing stands in the way of this import.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Progress of the export</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Target</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is no take on the timeline to export; generate foley first.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What went wrong</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What will lie where</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Where to write</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>ExportOptionRow</name>
    <message>
      <source>&amp;Sound</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Mono, as made</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Put the cut's own media into the file too</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Stems: one WAV a family, from the cut's first frame</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Stereo width</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Stereo, as wide as the picture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Stereo, everything in the middle</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Stereo, half as wide as the picture</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>FileControl</name>
    <message>
      <source>Choose a timeline</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Exported {}, but its import may stumble: </source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Exported {}. Import it in your editor; the original timeline is as it was.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Look for media in a folder</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Looking for media in {}…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Looking for the cut's media…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Open a timeline</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Reading {}…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show the file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{} holds several timelines. Open:</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{} is a folder, not a timeline; drop the timeline first, then the folder, and the clips' media are looked for in it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{} is media, not a timeline; lay it on a timeline in your editor, export that as .otio, .xml or .fcpxml, and drop it here.</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>FindingsTable</name>
    <message>
      <source>How bad</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Mend</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What the preflight found</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What to do</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>FoleyDesk</name>
    <message>
      <source>, {} waiting</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Looking for hits</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Making foley for {}{}</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>HeaderBar</name>
    <message>
      <source>Export timeline…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Open…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{able} of {count} clips ready for foley</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{count} clips, checking their media</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{} fps</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{} fps, drop-frame</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>HistoryPresenter</name>
    <message>
      <source>&amp;Redo</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Undo</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>LanguageControl</name>
    <message>
      <source>As the &amp;system</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The language changes when foley is started the next time.</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>MainWindow</name>
    <message>
      <source>The panel crashed last time; finished takes are kept. What happened is written in {}.</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Menus</name>
    <message>
      <source>&amp;Appearance</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Clip</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Edit</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;File</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Help</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Language</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Playback</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;View</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Open &amp;recent</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>NoticeBar</name>
    <message>
      <source>Close notice</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Close this notice</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Notice</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>PlaybackControl</name>
    <message>
      <source>Duration  {}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The audio device takes no sound; the picture plays on in silence. Check the device.</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>RecentFiles</name>
    <message>
      <source>No timeline was opened yet</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>ShortcutsDialog</name>
    <message>
      <source>All as they were</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>As it was</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Click the field, then press the keys.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Close</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Command</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Commands and their keys</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Keyboard shortcuts</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Keys</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Menu</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Press the new keys</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Search for a command or a key</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Set</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Take it from there</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Who has these keys</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Without keys</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{keys} is used by “{command}”, which would lose it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{} (changed)</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>SidePanel</name>
    <message>
      <source>Seed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Sound</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Takes</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Takes of this clip</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>StatusStrip</name>
    <message>
      <source>Cancel</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Progress of the running job</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Stop the running job and those behind it; finished takes stay (Shift+Esc)</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Timeline</name>
    <message>
      <source>Foley lands here: select a clip and press G</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>TimelinePanel</name>
    <message>
      <source>Zoom</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>TimelineView</name>
    <message>
      <source>Click to move the playhead; hold Shift and drag to mark a range</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Timeline</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>TransportBar</name>
    <message>
      <source>Playhead timecode</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Viewer</name>
    <message>
      <source>Viewer</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>WorkControl</name>
    <message>
      <source>Nothing stands in the way of these clips.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The model knows no sound “{}”; choose one from the list, or take it from the picture.</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Workspace</name>
    <message>
      <source>Below the picture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Beside the picture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Clip</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Timeline</source>
      <translation type="unfinished" />
    </message>
  </context>
</TS>
