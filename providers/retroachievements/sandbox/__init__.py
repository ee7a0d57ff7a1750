"""An invented RetroAchievements."""
